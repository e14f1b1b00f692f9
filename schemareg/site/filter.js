// Shows only the services whose name, or whose neighbour's name, contains what is typed.
"use strict";
const only = document.getElementById("only");
only.parentElement.hidden = false;
only.addEventListener("input", () => {
  const wanted = only.value.trim().toLowerCase();
  const near = new Set();
  for (const edge of document.querySelectorAll(".drawing .edge")) {
    const ends = [edge.dataset.source, edge.dataset.target];
    const shown = ends.some((name) => name.toLowerCase().includes(wanted));
    edge.classList.toggle("out", !shown);
    if (shown) ends.forEach((name) => near.add(name));
  }
  for (const box of document.querySelectorAll(".drawing a")) {
    const name = box.dataset.name;
    box.classList.toggle("out", !name.toLowerCase().includes(wanted) && !near.has(name));
  }
  for (const row of document.querySelectorAll("ul.plain > li")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
  }
});
