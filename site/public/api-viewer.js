// Shows openapi.json in Swagger UI, with requests going to this site's API.
const [spec, settings] = await Promise.all(["openapi.json", "api.json"].map(async (file) => (await fetch(file)).json()));
spec.servers = [{ url: settings.api.apiUrl }];

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// Adds what Swagger UI does not tell screen readers: the list's label and the heading levels.
new MutationObserver(() => {
  document.querySelector("#servers")?.setAttribute("aria-label", "Server");
  for (const heading of document.querySelectorAll("h3, h4")) heading.ariaLevel = heading.localName === "h3" ? "2" : "3";
}).observe(document.body, { childList: true, subtree: true });

// No validator badge: its image is on another origin.
/** @type {any} */ (window).SwaggerUIBundle({ spec, dom_id: "#api", validatorUrl: null, defaultModelsExpandDepth: 0 });
