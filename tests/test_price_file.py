"""Prices of a user's own, and what is said of files that are none."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from logreport.errors import BadInput
from logreport.price_file import OwnPrice, read_prices
from logreport.rates import Priced

TOML = """
[[price]]
model = "llama-3*"
provider = "vllm"
service_tier = "batch"
since = 2026-01-01
input = 0.5
output = 1
cache_read = 0.05
cache_write = 0.6
call = 0.001

[[price]]
model = "embedder"
input = 0.02
"""


def test_every_key_of_toml(tmp_path: Path):
    (tmp_path / "prices.toml").write_text(TOML)
    read = read_prices(str(tmp_path / "prices.toml"))
    assert read.name == "prices.toml"
    assert read.prices == (
        OwnPrice(
            model="llama-3*", provider="vllm", service_tier="batch", since=date(2026, 1, 1),
            input=0.5, output=1.0, cache_read=0.05, cache_write=0.6, call=0.001,
        ),
        OwnPrice(model="embedder", input=0.02),
    )  # fmt: skip


def test_json_says_the_same(tmp_path: Path):
    price = {"model": "m", "since": "2026-01-01", "input": 1, "output": 2.5}
    (tmp_path / "prices.json").write_text(json.dumps({"price": [price]}))
    assert read_prices(str(tmp_path / "prices.json")).prices == (
        OwnPrice(model="m", since=date(2026, 1, 1), input=1.0, output=2.5),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no prices"),
        ("price = 3", "has no prices"),
        ("[[price]]\ninput = 1", "price 1 has no model"),
        ('[[price]]\nmodel = "m"', "price 1 has no input"),
        ('[[price]]\nmodel = "m"\ninput = 1\n[[price]]\nmodel = ""\ninput = 1', "price 2: model is not a name"),
        ('[[price]]\nmodel = "m"\ninput = -1', "price 1: input is not an amount of dollars"),
        ('[[price]]\nmodel = "m"\ninput = true', "price 1: input is not an amount of dollars"),
        ('[[price]]\nmodel = "m"\ninput = nan', "price 1: input is not an amount of dollars"),
        ('[[price]]\nmodel = "m"\ninput = "1"', "price 1: input is not an amount of dollars"),
        ('[[price]]\nmodel = "m"\ninput = 2500000', "price 1: input = 2,500,000 is too much"),
        ('[[price]]\nmodel = "m"\ninput = 1\nprompt = 2', "price 1 has an unknown key 'prompt'"),
        ('[[price]]\nmodel = "m"\ninput = 1\nsince = "soon"', "price 1: since is not a day"),
        ('[[price]]\nmodel = "m"\ninput = 1\nsince = 2026-01-01T00:00:00Z', "price 1: since is not a day"),
        ("price = [1]", "price 1 is not a table"),
        ("[[price", "is neither TOML nor JSON"),
    ],
)
def test_what_is_no_price_is_named_with_its_file_and_number(text: str, message: str, tmp_path: Path):
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(BadInput, match=message) as caught:
        read_prices(str(file))
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(BadInput, match=r"cannot read prices from .*: No such file"):
        read_prices(str(tmp_path / "prices.toml"))


def test_only_a_star_is_special_in_a_name():
    assert OwnPrice(model="claude[1m]?", input=1).fits(Priced("Claude[1m]?", None, None))
    assert not OwnPrice(model="claude[1m]", input=1).fits(Priced("claude1", None, None))
    assert OwnPrice(model="*sonnet*", input=1).fits(Priced("claude-sonnet-4", None, None))


@pytest.mark.parametrize(
    ("priced", "fits"),
    [
        (Priced("Llama-3-70b", "vllm", "batch"), True),
        (Priced("llama-3", "VLLM", "Batch"), True),
        (Priced("llama-2", "vllm", "batch"), False),
        (Priced("llama-3", None, "batch"), False),
        (Priced("llama-3", "vllm", None), False),
        (Priced(None, "vllm", "batch"), False),
    ],
)
def test_a_price_fits_what_it_names(priced: Priced, fits: bool):
    assert OwnPrice(model="llama-3*", provider="vllm", service_tier="batch", input=1).fits(priced) is fits
