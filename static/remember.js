// Stores the reader's own server in their browser only. The form works without this script.
"use strict";

const field = document.querySelector("#server");
const form = field?.form;

try {
  if (field.value === "") field.value = localStorage.getItem("server") ?? "";
  form.addEventListener("submit", () => localStorage.setItem("server", field.value.trim()));
} catch {
  // The browser stores nothing: the reader enters their server each time.
}
