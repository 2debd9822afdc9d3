// Remembers the reader's own server in their browser, and nowhere else. The form is whole without it.
"use strict";

const field = document.querySelector("#server");
const form = field?.form;

try {
  if (field.value === "") field.value = localStorage.getItem("server") ?? "";
  form.addEventListener("submit", () => localStorage.setItem("server", field.value.trim()));
} catch {
  // The reader's browser keeps nothing: then they write it again.
}
