/* What the pages do with JavaScript and can do without: copying, and nothing that matters. */
"use strict";

const COPIED_FOR_MS = 1600;

/** Show the copy buttons of a part of the page: they are hidden where they would do nothing. */
function showCopyButtons(part) {
  for (const button of part.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

async function copy(button) {
  const label = button.getAttribute("aria-label");
  try {
    await writeToClipboard(button.dataset.copy);
  } catch {
    return;
  }
  button.classList.add("copied");
  button.setAttribute("aria-label", "Copied");
  setTimeout(() => {
    button.classList.remove("copied");
    button.setAttribute("aria-label", label);
  }, COPIED_FOR_MS);
}

/** The clipboard's own interface needs TLS or localhost; plain HTTP has the old way. */
async function writeToClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (!isDone) throw new Error("the browser does not copy");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = document.activeElement?.closest("details.menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.getElementById("topbar-search");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

document.addEventListener("htmx:load", (event) => showCopyButtons(event.detail.elt));
showCopyButtons(document);
