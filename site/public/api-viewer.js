// Shows openapi.json with Swagger UI, against the API that this site leads to.
const [spec, settings] = await Promise.all(["openapi.json", "api.json"].map(async (file) => (await fetch(file)).json()));
spec.servers = [{ url: settings.api.apiUrl }];

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// What Swagger UI leaves unsaid to those who do not see it: what the list is of, and how the headings nest.
new MutationObserver(() => {
  document.querySelector("#servers")?.setAttribute("aria-label", "Server");
  for (const heading of document.querySelectorAll("h3, h4")) heading.ariaLevel = heading.localName === "h3" ? "2" : "3";
}).observe(document.body, { childList: true, subtree: true });

// No validator badge: it would be an image of another origin.
/** @type {any} */ (window).SwaggerUIBundle({ spec, dom_id: "#api", validatorUrl: null, defaultModelsExpandDepth: 0 });
