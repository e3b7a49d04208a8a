"use strict";
// What the page can do beyond being read: sorted tables, copies, dark and light. All of it is extra: where a script does
// not run, every chart and every number is there already.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const each = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);

  // ---------------------------------------------------------------- saying what was done
  let silence;
  const say = (sentence) => {
    const said = document.getElementById("page-said");
    said.textContent = sentence;
    clearTimeout(silence);
    silence = setTimeout(() => { said.textContent = ""; }, 2500);
  };

  // ---------------------------------------------------------------- dark and light
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const themed = () => {
    const toggle = document.getElementById("page-theme");
    toggle.textContent = isDark() ? "Light" : "Dark";
    toggle.setAttribute("aria-label", isDark() ? "Show the page in light colours" : "Show the page in dark colours");
    document.dispatchEvent(new Event("logreport-theme")); // for the charts
  };
  const choose = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("logreport-theme", root.dataset.theme); } catch { /* it lasts until the page is closed */ }
    themed();
  };

  // ---------------------------------------------------------------- tables
  const head = (cell) => cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
  const holds = (cell, kind) => head(cell).classList.contains(kind);
  const isNumber = (cell) => holds(cell, "number");
  // All digits as text, for a number in JavaScript has sixteen of them; null is unknown.
  const exact = (cell) => {
    if (cell.classList.contains("unknown")) return null;
    const text = cell.title || cell.textContent;
    if (isNumber(cell)) return text.replaceAll(",", "");
    return holds(cell, "time") ? instant(text) : text;
  };
  // "2024-12-18 16:40" stands in the table for 2024-12-18T16:40:00+00:00.
  const instant = (text) => {
    const [day, clock, offset = "+00:00"] = text.split(" ");
    return `${day}T${clock.length === 5 ? `${clock}:00` : clock}${offset}`;
  };
  const names = (table) => [...table.tHead.rows[0].cells].map((cell) => cell.dataset.name ?? cell.textContent);
  const sort = (column) => {
    const falling = column.getAttribute("aria-sort") === "ascending";
    const body = column.closest("table").tBodies[0];
    const key = (row) => exact(row.cells[column.cellIndex]);
    const compare = isNumber(column) ? (a, b) => a - b
      : holds(column, "time") ? (a, b) => Date.parse(a) - Date.parse(b) : (a, b) => a.localeCompare(b);
    const order = (a, b) => compare(a, b) * (falling ? -1 : 1);
    const known = [...body.rows].filter((row) => key(row) !== null).sort((a, b) => order(key(a), key(b)));
    const unknown = [...body.rows].filter((row) => key(row) === null); // last, whichever way
    each("th", (other) => other.removeAttribute("aria-sort"), column.parentElement);
    column.setAttribute("aria-sort", falling ? "descending" : "ascending");
    body.append(...known, ...unknown);
  };
  const makeSortable = (column) => {
    if (column.firstElementChild) return;
    column.dataset.name ??= column.textContent;
    const press = document.createElement("button");
    press.type = "button";
    press.textContent = column.textContent;
    column.replaceChildren(press);
  };

  // ---------------------------------------------------------------- taking numbers along
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  // A spreadsheet runs what begins like a formula, and names come from whoever wrote the log.
  const field = (cell) => {
    const text = exact(cell) ?? "";
    return quoted(!isNumber(cell) && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  };
  const rows = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells]);
  const csv = (table) => [names(table).map(quoted), ...rows(table).map((row) => row.map(field))]
    .map((fields) => `${fields.join(",")}\r\n`).join("");
  const json = (table, card) => {
    const labels = names(table).map((name) => JSON.stringify(name));
    const isWord = (cell) => !isNumber(cell) && !holds(cell, "flag"); // these are JSON as they stand
    const word = (cell) => (isWord(cell) ? JSON.stringify(exact(cell)) : exact(cell) ?? "null");
    const found = rows(table).map((row) => `  {${row.map((cell, at) => `${labels[at]}: ${word(cell)}`).join(", ")}}`);
    const [metric, title] = [card.id, card.querySelector("h2").textContent].map((text) => JSON.stringify(text));
    return `{\n "metric": ${metric},\n "title": ${title},\n "rows": [\n${found.join(",\n")}\n ]\n}\n`;
  };
  const save = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not allowed here: the old way
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    say("Copied");
  };

  // ---------------------------------------------------------------- buttons
  const actions = {
    csv: (card) => copy(csv(card.querySelector("table"))),
    json: (card) => save(`${card.id}.json`, json(card.querySelector("table"), card)),
  };
  document.addEventListener("click", ({ target }) => {
    const press = target.closest("button");
    if (press?.id === "page-theme") choose();
    if (press?.closest(".numbers thead")) sort(press.closest("th"));
    actions[press?.dataset.do]?.(press.closest(".card")); // what charts can do is theirs
  });

  // ---------------------------------------------------------------- where the reader is
  const mark = () => {
    const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
    const visible = new Set();
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) visible[isIntersecting ? "add" : "delete"](target.id);
      const current = [...links.keys()].find((id) => visible.has(id));
      links.forEach((link, id) => {
        if (id === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    }, { rootMargin: "-15% 0px -55% 0px" });
    each(".card", (card) => seen.observe(card));
  };

  // ---------------------------------------------------------------- paper
  // Closed tables are printed too, and closed again afterwards.
  const opened = [];
  addEventListener("beforeprint", () => each("details:not([open])", (table) => {
    table.open = true;
    opened.push(table);
  }));
  addEventListener("afterprint", () => opened.splice(0).forEach((table) => { table.open = false; }));

  // ---------------------------------------------------------------- what scripts add to the page, and to each card
  const prepare = (card) => {
    each(".numbers thead th", makeSortable, card);
    each(".actions", (bar) => { bar.hidden = false; }, card);
  };
  const begin = () => {
    const toggle = document.getElementById("page-theme");
    if (!toggle?.hidden) return; // not there yet, or begun already
    toggle.hidden = false;
    dark.addEventListener("change", themed);
    themed();
    mark();
  };
  // On a page that is alive, cards come later, and again and again.
  document.addEventListener("logreport-painted", ({ target }) => {
    begin();
    prepare(target);
  });
  // After the first paint: the page can be read before it can do anything else.
  requestAnimationFrame(() => setTimeout(() => {
    begin();
    each(".card", prepare);
  }));
})();
