// Starts Swagger UI on this server's own description of its API, and talks to no other host.
"use strict";

window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: new URL("../openapi.json", document.baseURI).pathname,
    dom_id: "#api",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    persistAuthorization: false,
    validatorUrl: null,
  });
});
