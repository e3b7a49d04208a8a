// Runs in each page before anything of its own. Resolves `window.marks` with milliseconds since the navigation began, each
// set once a frame was painted that shows what it is about. `drawn` selects what is drawn of a chart, `live` a chart that
// answers to the pointer, `places` everything that shall become one, and `done` what is in a place that has.
({ drawn, live, places, done }) => {
  const patience = 30_000;
  const marks = { paint: null, drawn: null, live: null, all: null };
  const found = new Set();
  const measured = Promise.withResolvers();
  window.marks = measured.promise;

  const mark = (name, time) => {
    marks[name] = time;
    if (Object.values(marks).every((one) => one !== null)) measured.resolve(marks);
  };
  // To be called while a frame is being made: the message arrives after it was painted.
  const painted = (act) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = act;
    channel.port2.postMessage(null);
  };
  const find = (name, act) => {
    found.add(name);
    painted(() => {
      mark(name, performance.now());
      act?.();
    });
  };
  const shown = (selector) => [...document.querySelectorAll(selector)].some((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width > 0 && height > 0;
  });
  const everyOne = () => {
    const all = [...document.querySelectorAll(places)];
    return document.readyState !== "loading" && all.length > 0 && all.every((place) => place.querySelector(done));
  };

  // As a reader in a hurry: half a screen a frame.
  const scroll = () => {
    scrollBy({ top: innerHeight / 2, behavior: "instant" });
    if (scrollY + innerHeight < document.documentElement.scrollHeight - 1) requestAnimationFrame(scroll);
  };
  let waiting = false;
  const look = () => {
    waiting = false;
    if (!found.has("drawn") && shown(drawn)) find("drawn");
    if (!found.has("live") && shown(live)) find("live", scroll);
    if (!found.has("all") && found.has("live") && everyOne()) find("all");
  };
  // Asking for sizes makes the browser lay out the page: only while a frame is being made, which does that anyway.
  const changed = () => {
    if (waiting || found.size === 3) return;
    waiting = true;
    requestAnimationFrame(look);
  };
  new MutationObserver(changed).observe(document, {
    subtree: true, childList: true, attributeFilter: ["class", "d", "height"],
  });
  document.addEventListener("readystatechange", changed);
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntriesByName("first-contentful-paint")) mark("paint", startTime);
  }).observe({ type: "paint", buffered: true });
  setTimeout(() => measured.resolve(marks), patience);
}
