// Adds a "Copy" button to each read-only field in a `.copy`. Pages work without this script.
"use strict";

const texts = document.currentScript.dataset;

for (const box of document.querySelectorAll(".copy")) {
  const field = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts.copy;
  button.setAttribute("aria-label", `${texts.copy}: ${field.getAttribute("aria-label")}`);
  const status = document.createElement("span");
  status.className = "hidden";
  status.setAttribute("role", "status");

  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = texts.copied;
      status.textContent = texts.copied;
    } catch {
      // No permission, or no HTTPS: the text is selected, so that the reader can copy it.
      status.textContent = texts.selected;
    }
    setTimeout(() => {
      button.textContent = texts.copy;
      status.textContent = "";
    }, 2000);
  });
  field.addEventListener("focus", () => field.select());
  box.append(button, status);
}
