"use strict";
// The dashboard in the browser: answers of the server are painted into their places, and what a reader did to a card is
// still done after it was painted anew.
(() => {
  const dash = window.dash_clientside = Object.assign({}, window.dash_clientside);
  const all = (selector, within) => [...within.querySelectorAll(selector)];

  // ---------------------------------------------------------------- what a reader did to a card
  const heads = (card) => all(".numbers thead th", card);
  const opened = (card) => all("details", card).map((one) => one.open);
  const scrolled = (card) => all(".scroll", card).map((one) => [one.scrollLeft, one.scrollTop]);
  const sorted = (card) => {
    const head = heads(card).find((one) => one.hasAttribute("aria-sort"));
    return head && { name: head.dataset.name, order: head.getAttribute("aria-sort") };
  };
  const focused = (card) => {
    const { activeElement: active } = document;
    if (!card.contains(active)) return null;
    const alike = (within) => all(active.localName, within).filter((one) => one.dataset.do === active.dataset.do);
    const at = alike(card).indexOf(active);
    return (within) => alike(within)[at];
  };
  const done = (card) => ({
    opened: opened(card), scrolled: scrolled(card), sorted: sorted(card), focused: focused(card),
  });
  const redo = (card, did) => {
    all("details", card).forEach((one, at) => { one.open = did.opened[at] ?? one.open; });
    if (did.sorted) {
      const press = heads(card).find((one) => one.dataset.name === did.sorted.name)?.querySelector("button");
      press?.click();
      if (did.sorted.order === "descending") press?.click();
    }
    all(".scroll", card).forEach((one, at) => { [one.scrollLeft, one.scrollTop] = did.scrolled[at] ?? [0, 0]; });
    did.focused?.(card)?.focus({ preventScroll: true });
  };

  // ---------------------------------------------------------------- painting
  const sheet = new CSSStyleSheet();
  const styles = new Map(); // by place, the rules that its drawing needs
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const dress = (id, style) => {
    if (styles.get(id) === style) return;
    styles.set(id, style);
    sheet.replaceSync([...new Set(styles.values())].join("\n"));
  };
  const write = (place, answer) => {
    const { content } = Object.assign(document.createElement("template"), { innerHTML: answer.html });
    const root = content.firstElementChild;
    const did = done(place);
    dress(place.id, answer.style);
    // React made the card itself; a card of the templates brings what is in it.
    place.replaceChildren(...(root?.id === place.id ? root : content).childNodes);
    const detail = { figure: answer.figure, window: answer.view.slice(0, answer.view.lastIndexOf("|")) };
    place.dispatchEvent(new CustomEvent("logreport-painted", { bubbles: true, detail }));
    redo(place, did);
  };
  const paint = (answer, id) => {
    if (answer?.gone) lose(answer.gone);
    if (answer?.moved) again();
    if (!answer?.html && answer?.html !== "") return dash.no_update;
    write(document.getElementById(id), answer);
    return answer.view;
  };

  // ---------------------------------------------------------------- when nobody answers
  const SOON = 2000; // milliseconds
  const LATER = 10000; // where nobody looks
  const ask = window.fetch;
  const again = () => dash.set_props("page-again", { data: Date.now() });
  let waiting = false;
  const banner = (sentence) => {
    const place = document.getElementById("page-banner");
    if (!place) return;
    place.textContent = sentence;
    place.hidden = !sentence;
  };
  const wait = () => setTimeout(async () => {
    const well = await ask("/healthz").then(({ ok }) => ok, () => false);
    if (!well) {
      wait();
      return;
    }
    waiting = false;
    banner("");
    again();
  }, document.hidden ? LATER : SOON);
  const lose = (sentence) => {
    banner(`${sentence} Trying again …`);
    if (!waiting) wait();
    waiting = true;
  };
  window.fetch = async (...words) => {
    const ours = String(words[0]?.url ?? words[0]).includes("/_dash-update-component");
    try {
      const answer = await ask(...words);
      if (ours && answer.status === 401) banner("Signed out. Load this page again to sign in.");
      if (ours && answer.status >= 500) lose("The server could not answer.");
      return answer;
    } catch (problem) {
      if (ours) lose("The server does not answer.");
      throw problem;
    }
  };

  // ---------------------------------------------------------------- a window drawn on a chart over time
  // The axis shows the clock of the window's time zone: the text is passed on, not the instant.
  const second = (text, round) => {
    const clock = Date.parse(`${text.replace(" ", "T")}${text.length === 10 ? "T00:00" : ""}Z`);
    return new Date(round(clock / 1000) * 1000).toISOString().slice(0, 19);
  };
  document.addEventListener("logreport-dragged", ({ detail: [from, to] }) => {
    const data = { since: second(from, Math.floor), until: second(to, Math.ceil), at: Date.now() };
    dash.set_props("page-dragged", { data });
  });

  dash.logreport = { paint };
})();
