"use strict";
(() => {
  const filter = document.getElementById("states-filter");
  const table = document.querySelector(".mapping-table tbody");
  if (!filter || !table) return;

  // What was chosen and is not saved yet is marked.
  table.addEventListener("change", (event) => {
    const row = event.target.closest("tr");
    const before = JSON.parse(row.querySelector("input").value).slice(4);
    const choices = [...row.querySelectorAll("select")].map((one) => one.value);
    row.classList.toggle("chosen", choices.some((one, place) => one !== before[place]));
  });

  // Where not every state is on the page, the server looks for the others.
  if ("cut" in filter.dataset) return;

  // Rows that do not match are out of sight, but stay part of the form.
  const narrow = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of table.rows) {
      const text = row.cells[0].textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  };
  filter.addEventListener("input", narrow);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
})();
