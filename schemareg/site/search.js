// Search in the catalog: no server, no other host; the index is a script beside the pages.
(function () {
  "use strict";
  var box = document.querySelector("[data-index]");
  if (!box || !window.MiniSearch || !window.schemaregIndex) { return; }
  var input = box.querySelector("input");
  var list = box.querySelector("ul");
  var top = box.dataset.index.replace(/index\.html$/, "");
  var index = null;
  var chosen = -1;

  function build() {
    if (index) { return; }
    index = new window.MiniSearch({
      fields: ["name", "more"],
      storeFields: ["kind", "name", "to", "more"],
      tokenize: function (text) {
        var words = text.split(/[^\p{L}\p{N}]+/u);
        var parts = text.split(/[^\p{L}\p{N}]+|(?<=[a-z0-9])(?=[A-Z])/u);
        return words.concat(parts).filter(Boolean);
      },
      searchOptions: {
        tokenize: function (text) { return text.split(/[^\p{L}\p{N}]+/u).filter(Boolean); },
        prefix: true, fuzzy: 0.2, combineWith: "AND", boost: { name: 3 },
        boostDocument: function (id, term, stored) { return stored && stored.kind === "field" ? 0.8 : 1; }
      }
    });
    index.addAll(window.schemaregIndex.map(function (row, id) {
      return { id: id, kind: row[0], name: row[1], to: row[2], more: row[3] };
    }));
  }

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(next) {
    var items = list.querySelectorAll("[role=option]");
    if (!items.length) { return; }
    chosen = (next + items.length) % items.length;
    items.forEach(function (item, i) { item.setAttribute("aria-selected", String(i === chosen)); });
    input.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  }

  function show() {
    var query = input.value.trim();
    list.textContent = "";
    chosen = -1;
    if (!query) { close(); return; }
    build();
    index.search(query).slice(0, 20).forEach(function (hit, i) {
      var item = document.createElement("li");
      var link = document.createElement("a");
      var kind = document.createElement("span");
      item.id = "found-" + i;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      kind.className = "kind";
      kind.textContent = hit.kind;
      link.href = top + hit.to;
      link.tabIndex = -1;
      link.append(kind, " ", hit.name);
      if (hit.kind === "field") { link.append(" in " + hit.more); }
      item.append(link);
      list.append(item);
    });
    if (!list.children.length) {
      var nothing = document.createElement("li");
      nothing.textContent = "Nothing was found.";
      nothing.className = "quiet";
      list.append(nothing);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  input.addEventListener("focus", build);
  input.addEventListener("input", show);
  input.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") { choose(chosen + 1); event.preventDefault(); }
    if (event.key === "ArrowUp") { choose(chosen - 1); event.preventDefault(); }
    if (event.key === "Escape") { input.value = ""; close(); }
    if (event.key === "Enter") {
      var item = list.querySelector("[aria-selected=true] a") || list.querySelector("[role=option] a");
      if (item) { location.href = item.href; }
    }
  });
  document.addEventListener("keydown", function (event) {
    var inField = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
      input.focus();
      event.preventDefault();
    }
  });
  document.addEventListener("click", function (event) {
    if (!box.contains(event.target)) { close(); }
  });
})();
