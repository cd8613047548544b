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
