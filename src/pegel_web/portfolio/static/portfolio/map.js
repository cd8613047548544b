"use strict";
(() => {
  // A row that has the focus, or the pointer, is shown on the map: its sign stands out, the others step back.
  const map = document.querySelector(".case-map");
  if (!map) return;
  const signs = () => map.querySelectorAll('.live path[aria-label^="UC-"]');
  const show = (row) => {
    const number = row?.querySelector("th")?.textContent.replace(/\D/g, "");
    for (const sign of signs()) {
      const chosen = Boolean(number) && sign.getAttribute("aria-label").startsWith(`UC-${number} `);
      sign.classList.toggle("chosen", chosen);
      sign.classList.toggle("unchosen", Boolean(number) && !chosen);
    }
  };
  const rowOf = (event) => event.target.closest("#table-map-cases tbody tr");
  map.addEventListener("focusin", (event) => show(rowOf(event)));
  map.addEventListener("focusout", () => show(null));
  map.addEventListener("mouseover", (event) => show(rowOf(event)));
  map.addEventListener("mouseleave", () => show(null));
})();
