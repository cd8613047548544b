"use strict";
(() => {
  // The search opens from everywhere.
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const field = document.getElementById("find");
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  // Of more tabs than there is room for, the current one is in sight.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const tabs = tab.closest(".tabs");
    tabs.scrollLeft += Math.max(0, tab.getBoundingClientRect().right - tabs.getBoundingClientRect().right);
  }

  // Within the search: down and up go through what was found, Escape closes it.
  document.addEventListener("keydown", (event) => {
    const search = event.target.closest?.(".find, .search-form");
    if (!search) return;
    if (event.key === "Escape") {
      document.getElementById("found-here")?.replaceChildren();
      document.getElementById("find")?.blur();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [search.querySelector("input"), ...search.querySelectorAll("a")];
    const next = stops[stops.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-once")) return;
    if (form.dataset.once === "sent") event.preventDefault();
    form.dataset.once = "sent";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) form.dataset.once = "";
  });

  // What changed is said to a screen reader.
  document.addEventListener("htmx:afterSwap", (event) => {
    const said = document.getElementById(event.detail.target.id)?.querySelector("[data-announce]");
    if (said) document.getElementById("announcer").textContent = said.textContent;
  });
  // Where the server answers with another page (signed out, an error), show that page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = new URL(requestConfig.path, location.href);
    const answered = new URL(xhr.responseURL || asked, location.href);
    if (requestConfig.verb !== "get" || (xhr.status < 400 && asked.pathname === answered.pathname)) return;
    event.detail.shouldSwap = false;
    location.assign(asked);
  });
})();
