// The two things that Fedify's HTTP does not offer and the tests need: WebFinger without TLS,
// and the answers to its deliveries.

import { AsyncLocalStorage } from "node:async_hooks";

const deliveries = new AsyncLocalStorage();

/**
 * Notes how deliveries are answered and, with `overHttp`, lets `fetch` reach `https://localhost` over http.
 *
 * Fedify looks handles up over https only, and `allowPrivateAddress` does not change that; on the
 * loopback nobody speaks TLS. Ids and inboxes are http already and stay as they are.
 */
export function watchDeliveries({ overHttp }) {
  const fetchAsIs = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    if (overHttp && input instanceof URL && input.protocol === "https:" && input.hostname === "localhost") {
      input = new URL(input.href.replace(/^https:/, "http:"));
    }
    const response = await fetchAsIs(input, init);
    if (input instanceof Request && input.method === "POST") note(input, response);
    return response;
  };
}

/**
 * Runs `work` and returns the POSTs that it made, in order:
 * `{ signature: "rfc9421" | "draft-cavage", status }`. Two for one activity is Fedify's
 * double-knocking: the first was answered with 400 or more. An error that `work` throws gets them
 * as its `knocks`.
 */
export async function withKnocks(work) {
  const knocks = [];
  try {
    await deliveries.run(knocks, work);
    return knocks;
  } catch (error) {
    throw Object.assign(error, { knocks });
  }
}

function note(request, response) {
  deliveries.getStore()?.push({
    signature: request.headers.has("Signature-Input") ? "rfc9421" : "draft-cavage",
    status: response.status,
  });
}
