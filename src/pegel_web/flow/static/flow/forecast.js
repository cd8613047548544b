"use strict";
// A slider and the field beside it hold the same number. Without scripts there are only the fields.
for (const slider of document.querySelectorAll(".forecast-form input[type=range]")) {
  const field = document.getElementById(slider.dataset.for);
  slider.hidden = false;
  slider.addEventListener("input", () => (field.value = slider.value));
  field.addEventListener("input", () => (slider.value = field.value || slider.min));
}
