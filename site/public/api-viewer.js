// Shows openapi.json with Swagger UI, against the API that this site leads to.
const [spec, settings] = await Promise.all(["openapi.json", "api.json"].map(async (file) => (await fetch(file)).json()));
spec.servers = [{ url: settings.api.apiUrl }];

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// No validator badge: it would be an image of another origin.
window.SwaggerUIBundle({ spec, dom_id: "#api", validatorUrl: null, defaultModelsExpandDepth: 0 });
