// 导出台账: only the filters of the ledger that is chosen are shown.
"use strict";

document.querySelectorAll('input[name="ledger"]').forEach((radio) => radio.addEventListener("change", () => {
  document.querySelectorAll("fieldset[data-ledger]").forEach((one) => { one.hidden = one.dataset.ledger !== radio.value; });
}));
