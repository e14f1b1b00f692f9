"use strict";
// A page of `schemareg catalog serve` loads again when the catalog was built again.
new EventSource("/events").addEventListener("built", () => location.reload());
