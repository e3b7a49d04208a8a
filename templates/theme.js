"use strict";
// First of all, so that a reader who chose dark is not shown light for a moment.
try {
  const kept = localStorage.getItem("logreport-theme");
  if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
} catch { /* a browser that keeps nothing follows the system */ }
