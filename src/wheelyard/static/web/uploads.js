/* Uploads from the list of packages: files dropped anywhere on the page, sent one after another,
   with a bar for each and what became of it. Without JavaScript the form sends them all at once. */
"use strict";

const form = document.querySelector("form[data-upload]");

if (form) {
  const results = document.querySelector("[data-upload-results]");
  const target = document.querySelector("[data-drop-target]");
  const input = form.querySelector("input[type=file]");
  const waiting = [];
  let isSending = false;

  for (const hint of document.querySelectorAll("[data-needs-script]")) hint.hidden = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add(input.files);
    form.reset();
  });

  /* Dragging passes over the page's elements, and each tells of it: only the last leaving counts. */
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    target.hidden = false;
  });
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(depth - 1, 0);
    if (depth === 0) target.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    target.hidden = true;
    add(event.dataTransfer.files);
  });

  window.addEventListener("beforeunload", (event) => {
    if (isSending) event.preventDefault();
  });

  function add(files) {
    for (const file of files) {
      const line = newLine(file.name);
      results.hidden = false;
      results.append(line);
      if (file.size > Number(form.dataset.maxBytes)) {
        fail(line, `The file is too large: this server takes files of up to ${form.dataset.maxText}.`);
      } else {
        waiting.push([file, line]);
      }
    }
    form.closest("details").open = true;
    if (!isSending) sendNext(false);
  }

  function sendNext(isChanged) {
    const next = waiting.shift();
    isSending = next !== undefined;
    if (isSending) send(...next);
    else if (isChanged) refreshList();
  }

  function send(file, line) {
    const data = new FormData();
    data.append("authenticity_token", form.elements.authenticity_token.value);
    data.append("content", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      const bar = line.querySelector("progress");
      if (event.lengthComputable) bar.value = event.loaded / event.total;
      if (event.loaded === event.total) say(line, "Checking…");
    });
    request.addEventListener("load", () => {
      const elsewhere = request.getResponseHeader("HX-Redirect");
      if (elsewhere) {
        isSending = false;
        window.location.assign(elsewhere);
        return;
      }
      if (request.status === 200 || request.status === 422) line.outerHTML = request.responseText;
      else fail(line, `The server refused it (${request.status}). Load the page again.`);
      sendNext(true);
    });
    request.addEventListener("error", () => {
      fail(line, "The connection broke. Try again.");
      sendNext(true);
    });
    say(line, "Uploading…");
    request.send(data);
  }

  function newLine(name) {
    const line = document.createElement("li");
    line.className = "upload";
    line.innerHTML =
      '<div class="list-main"><span class="list-title"></span><span class="muted">Waiting…</span><progress max="1" value="0"></progress></div>';
    line.querySelector(".list-title").textContent = name;
    line.querySelector("progress").setAttribute("aria-label", `Upload of ${name}`);
    return line;
  }

  function say(line, text) {
    line.querySelector(".muted").textContent = text;
  }

  function fail(line, text) {
    line.classList.add("bad");
    say(line, "Not published");
    line.querySelector("progress")?.remove();
    const finding = document.createElement("p");
    finding.className = "finding danger";
    finding.textContent = text;
    line.querySelector(".list-main").append(finding);
  }

  function refreshList() {
    document.querySelector("[data-toolbar]").hidden = false;
    htmx.ajax("GET", window.location.href, { target: "#packages", swap: "outerHTML" });
  }
}
