// Who is there, anew every half a minute, unless somebody is filling something in. Without scripts the page says so itself.
"use strict";
setInterval(() => {
  if (!document.querySelector("details[open].ask") && !document.hidden && document.activeElement.tagName !== "INPUT") location.reload();
}, 30000);
