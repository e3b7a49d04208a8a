"use strict";
// The dashboard in the browser: answers of the server are painted into their places, and what a reader did to a card is
// still done after it was painted anew. What stands around the cards is painted in the same way.
(() => {
  const dash = window.dash_clientside = Object.assign({}, window.dash_clientside);
  const all = (selector, within) => [...within.querySelectorAll(selector)];

  // ---------------------------------------------------------------- what a reader did to a card
  const heads = (card) => all(".numbers thead th", card);
  const sorted = (card) => {
    const head = heads(card).find((one) => one.hasAttribute("aria-sort"));
    return head && { name: head.dataset.name, falling: head.getAttribute("aria-sort") === "descending" };
  };
  const focused = (card) => {
    const { activeElement: active } = document;
    if (!card.contains(active)) return null;
    const alike = () => all(active.localName, card).filter((one) => one.dataset.do === active.dataset.do);
    const at = alike().indexOf(active);
    return () => alike()[at];
  };
  const done = (card) => ({
    opened: all("details", card).map((one) => one.open),
    scrolled: all(".scroll", card).map((one) => [one.scrollLeft, one.scrollTop]),
    sorted: sorted(card),
    focused: focused(card),
  });
  // Before the new card is shown: were it shorter for a moment, the page would jump.
  const reopen = (content, { opened }) => {
    all("details", content).forEach((one, at) => { one.open = opened[at] ?? one.open; });
  };
  const redo = (card, did) => {
    const head = did.sorted && heads(card).find((one) => one.dataset.name === did.sorted.name);
    for (let press = did.sorted?.falling ? 2 : 1; head && press; press -= 1) head.querySelector("button").click();
    all(".scroll", card).forEach((one, at) => { [one.scrollLeft, one.scrollTop] = did.scrolled[at] ?? [0, 0]; });
    did.focused?.()?.focus({ preventScroll: true });
  };

  // ---------------------------------------------------------------- the rules that drawings need
  const sheet = new CSSStyleSheet();
  const styles = new Map(); // by place
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const dress = (id, style) => {
    if (styles.get(id) === style) return;
    styles.set(id, style);
    const rules = [...styles.values()].flatMap((text) => text.split("\n"));
    sheet.replaceSync([...new Set(rules)].join("\n"));
  };

  // ---------------------------------------------------------------- what a card of the templates has beside its content
  const classes = new Map(); // by place: React writes its own over them, before and after it waits
  const classify = (place) => {
    const missing = (classes.get(place) ?? []).filter((name) => !place.classList.contains(name));
    if (missing.length) place.classList.add(...missing);
  };
  const rewritten = new MutationObserver((changes) => changes.forEach(({ target }) => classify(target)));
  const resemble = (place, root) => {
    for (const { name, value } of root.attributes) {
      if (name !== "class" && name !== "id") place.setAttribute(name, value);
    }
    const before = classes.get(place) ?? [];
    place.classList.remove(...before.filter((name) => !root.classList.contains(name)));
    if (!classes.has(place)) rewritten.observe(place, { attributeFilter: ["class"] });
    classes.set(place, [...root.classList]);
    classify(place);
  };

  // ---------------------------------------------------------------- painting
  const windowOf = ({ view }) => view.slice(0, view.lastIndexOf("|"));
  const shown = new Map(); // by place, the answer that stands there
  const isSame = (one, other) => one?.html === other.html && windowOf(one) === windowOf(other)
    && JSON.stringify(one.figure) === JSON.stringify(other.figure);
  const write = (answer, id) => {
    const place = document.getElementById(id);
    const { content } = Object.assign(document.createElement("template"), { innerHTML: answer.html });
    const root = content.firstElementChild;
    const did = done(place);
    reopen(content, did);
    dress(id, answer.style);
    shown.set(id, answer);
    place.figure = answer.figure; // for the charts
    if (root?.id === id) { // React made the card itself
      resemble(place, root);
      place.replaceChildren(...root.childNodes);
    } else {
      place.replaceChildren(content);
    }
    const link = document.querySelector(`nav a[href="#${id}"]`);
    if (link && root) link.parentElement.hidden = root.classList.contains("empty"); // it is told in a line below
    place.dispatchEvent(new Event("logreport-painted", { bubbles: true })); // for the buttons and tables
    follow(place);
    redo(place, did);
  };
  const paint = (answer, id) => {
    if (answer?.gone) lose(answer.gone);
    if (answer?.bad) dash.set_props("page-message", { children: answer.bad });
    if (answer?.moved) again(LATER / 4); // newer than what stands beside it, or not there yet
    if (typeof answer?.html !== "string") return dash.no_update;
    if (isSame(shown.get(id), answer)) put.delete(id); // what was to come before it is not wanted any more
    else whenFree(id, () => write(answer, id));
    return answer.view;
  };

  // While a button of the mouse is down, nothing is painted: what is pressed or dragged would go away under it.
  const put = new Map(); // by place, what is to be painted then
  let held = false;
  const whenFree = (id, act) => {
    if (held) put.set(id, act);
    else act();
  };
  const free = () => {
    if (!held) return;
    held = false;
    setTimeout(() => { // after the click that this makes
      const acts = [...put.values()];
      put.clear();
      acts.forEach((act) => act());
    });
  };
  addEventListener("pointerdown", ({ button }) => { held = button === 0; }, true);
  addEventListener("pointermove", ({ buttons }) => { if (!buttons) free(); }, true); // let go of outside the window
  for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, free, true);

  // ---------------------------------------------------------------- when nobody answers
  const SOON = 2000; // milliseconds
  const LATER = 10000; // where nobody looks, and where it answers only to fail again
  const ask = window.fetch;
  const banner = (sentence) => {
    const place = document.getElementById("page-banner");
    if (!place) return;
    place.textContent = sentence;
    place.hidden = !sentence;
  };
  const signedOut = () => banner("Signed out. Load this page again to sign in.");
  let asking = null;
  const again = (pause = 0) => { // once, however many cards want it
    asking ??= setTimeout(() => {
      asking = null;
      dash.set_props("page-again", { data: Date.now() });
    }, pause);
  };
  let waiting = false;
  let recovered = -Infinity;
  let pause = SOON;
  const wait = () => setTimeout(async () => {
    const status = await ask("/healthz").then((answer) => answer.status, () => 0);
    if (status === 401) {
      signedOut();
    } else if (status !== 200) {
      wait();
      return;
    } else {
      banner("");
      again();
    }
    waiting = false;
    recovered = Date.now();
  }, document.hidden ? LATER : pause);
  const lose = (sentence) => {
    banner(`${sentence} Trying again …`);
    if (waiting) return;
    waiting = true;
    pause = Date.now() - recovered < LATER ? Math.min(2 * pause, LATER) : SOON;
    wait();
  };
  const isOurs = (address) => String(address?.url ?? address).includes("/_dash-update-component");
  window.fetch = async (...words) => {
    try {
      const answer = await ask(...words);
      if (isOurs(words[0]) && answer.status === 401) signedOut();
      // The server was started anew, with other metrics.
      if (isOurs(words[0]) && answer.status === 400) banner("The dashboard has changed. Load this page again.");
      if (isOurs(words[0]) && answer.status >= 500) lose("The server could not answer.");
      return answer;
    } catch (problem) {
      if (isOurs(words[0]) && problem.name !== "AbortError") lose("The server does not answer.");
      throw problem;
    }
  };

  // ---------------------------------------------------------------- charts that are drawn again and again
  // A trace keeps its name when others come before it, so that it is the same one that stays hidden.
  const named = (traces) => {
    const taken = new Set();
    return traces.map((trace) => {
      let uid = `t${[...trace.name ?? ""].map((sign) => sign.codePointAt().toString(36)).join("_")}`;
      while (taken.has(uid)) uid += "-";
      taken.add(uid);
      return { ...trace, uid };
    });
  };
  // Plotly itself keeps a zoom only while the figure's own range stays the same.
  const keepZoom = (layout, before) => {
    for (const name of Object.keys(before).filter((key) => /^[xy]axis\d*$/.test(key) && !before[key].autorange)) {
      layout[name] = { ...layout[name], range: before[name].range, autorange: false };
    }
  };
  const isOverTime = ({ figure }) => figure.layout.xaxis?.type === "date";
  let drawn = 0;
  const drawing = (made) => {
    const { chart, layout, config } = made;
    const asked = windowOf(shown.get(chart.place.closest(".card").id));
    if (chart.window !== asked) chart.zoomed = false;
    chart.window = asked;
    layout.uirevision = `kept ${asked}`; // to Plotly an empty text is none
    made.data = named(made.data);
    if (isOverTime(chart)) {
      drawn += 1;
      layout.xaxis.uirevision = drawn; // as it comes, whatever was dragged out before
      layout.yaxis.fixedrange = true;
      config.doubleClick = false;
    } else if (chart.zoomed) {
      keepZoom(layout, chart.live.layout);
    }
  };

  let plots = null; // the parts of the charts' script, once it is there
  const forget = (name) => {
    const chart = plots.charts.get(name);
    if (chart) plots.drop(chart.live);
    plots.charts.delete(name);
  };
  // The live chart moves into the new card, so that it does not begin anew.
  const move = (chart, card, place) => {
    Object.assign(chart, { place, figure: card.figure });
    place.append(chart.live);
    place.classList.add("taken");
    plots.draw(chart, "react").catch(() => { // a figure that Plotly refuses
      forget(card.id);
      place.classList.remove("taken");
    });
    plots.offer(chart);
  };
  const follow = (card) => {
    if (!plots) return; // it will look for what is there
    const place = card.querySelector("[data-figure]");
    if (!place) forget(card.id);
    else if (plots.charts.has(card.id)) move(plots.charts.get(card.id), card, place);
    else plots.seen.observe(place);
  };

  // ---------------------------------------------------------------- a time dragged out on a chart
  // Instead of a zoom of this chart alone, it becomes the window of all. The axis shows the clock of the window's time
  // zone: the text is passed on, not the instant.
  const second = (text, round) => {
    const clock = Date.parse(`${text.replace(" ", "T")}${text.length === 10 ? "T00:00" : ""}Z`);
    return new Date(round(clock / 1000) * 1000).toISOString().slice(0, 19);
  };
  const want = (since, until) => dash.set_props("page-dragged", { data: { since, until, stamp: Date.now() } });
  const fingers = matchMedia("(pointer: coarse)");
  const taken = (chart) => {
    const { live } = chart;
    live.on("plotly_relayout", () => {
      if (!chart.zoomed || !isOverTime(chart)) return;
      const [from, to] = live.layout.xaxis.range;
      want(second(from, Math.floor), second(to, Math.ceil));
      chart.zoomed = false;
      live.closest(".card").querySelector('[data-do="zoom"]').hidden = true;
    });
    live.on("plotly_doubleclick", () => {
      if (isOverTime(chart) && !fingers.matches) want(null, null);
    });
  };
  document.addEventListener("logreport-charts", ({ detail: parts }) => {
    plots = Object.assign(parts, { drawing, taken });
  });

  // ---------------------------------------------------------------- lists are called by their labels
  // Dash names a list by its value alone: "All".
  document.addEventListener("logreport-painted", () => {
    for (const label of all(".control > label[for]", document)) {
      const list = document.getElementById(label.htmlFor);
      if (!list?.matches(".dash-dropdown")) continue;
      label.id = `${label.htmlFor}-label`;
      const names = list.getAttribute("aria-labelledby") ?? "";
      if (!names.startsWith(label.id)) list.setAttribute("aria-labelledby", `${label.id} ${names}`);
    }
  });

  dash.logreport = { paint };
})();
