// Writes, changes and deletes posts with micropub-helper. Arguments: the site's address, and a token.
const Micropub = require("micropub-helper").default || require("micropub-helper");

async function main([site, token]) {
  const client = new Micropub({ me: site, token });
  const found = await client.getEndpointsFromUrl(site).catch(() => null);
  const endpoint = (found && found.micropub) || new URL("/micropub", site).href;
  client.options.micropubEndpoint = endpoint;
  const config = await client.query("config");
  client.options.mediaEndpoint = config["media-endpoint"];
  const article = await client.create({
    type: ["h-entry"],
    properties: { name: ["By a client"], content: ["Some *words*."], category: ["Clients"] },
  });
  const note = await client.create({ h: "entry", content: "A note by a client" }, "form");
  await client.update(article, { replace: { content: ["Other *words*."] } });
  const source = await client.querySource(article, ["content", "category"]);
  await client.delete(note);
  console.log(JSON.stringify({ endpoint, found: Boolean(found), config, article, note, source }));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
