// A manager sets the payment provider and books a key for a guest at a price; the guest pays at the provider's page, and the code appears.
// The provider is a stand-in on this machine that answers as Stripe's API does.
import { createServer } from "node:http";
import { signIn } from "../steps.mjs";

export const title = "a booking is paid at the provider's page, and then its code appears";

/** A provider of payment pages: pages are made, paid with one press, and looked at. */
async function till() {
  const pages = new Map();
  const wishes = new Map();
  let base = "";
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const answer = (status, type, text) => response.writeHead(status, { "content-type": type }).end(text);
      const { pathname } = new URL(request.url, base);
      const id = pathname.split("/").pop();
      if (request.method === "POST" && pathname === "/v1/checkout/sessions") {
        const form = new URLSearchParams(body);
        const known = request.headers["idempotency-key"];
        // The same key with other wishes is refused, as at Stripe.
        if (wishes.has(known) && wishes.get(known) !== body) {
          return answer(400, "application/json", JSON.stringify({ error: { message: "Keys for idempotent requests can only be used once" } }));
        }
        wishes.set(known, body);
        if (!pages.has(known)) {
          pages.set(known, {
            id: `cs_${pages.size + 1}`, url: `${base}/pay/${encodeURIComponent(known)}`, status: "open", payment_status: "unpaid",
            amount_total: Number(form.get("line_items[0][price_data][unit_amount]")), currency: form.get("line_items[0][price_data][currency]"),
            client_reference_id: form.get("client_reference_id"), back: form.get("success_url"),
          });
        }
        return answer(200, "application/json", JSON.stringify(pages.get(known)));
      }
      if (pathname === "/v1/checkout/sessions") return answer(200, "application/json", JSON.stringify({ object: "list", data: [] }));
      if (pathname.startsWith("/v1/checkout/sessions/")) {
        const page = [...pages.values()].find((one) => one.id === id);
        return answer(page ? 200 : 404, "application/json", JSON.stringify(page ?? { error: { message: "none" } }));
      }
      if (pathname === "/v1/refunds") return answer(200, "application/json", JSON.stringify({ id: "re_1", object: "refund", status: "succeeded" }));
      const page = pages.get(decodeURIComponent(id));
      if (!page) return answer(404, "text/plain", "no such page");
      if (request.method === "GET") return answer(200, "text/html; charset=utf-8", `<form method="post"><button>¥${page.amount_total}</button></form>`);
      Object.assign(page, { status: "complete", payment_status: "paid", payment_intent: "pi_1" });
      return response.writeHead(303, { location: page.back }).end();
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${server.address().port}`;
  return { base, close: () => server.close() };
}

export default async function story(tools) {
  const provider = await till();
  try {
    const page = await tools.visitor("ja", "wide");
    // Where money goes is set by who has just proven themselves.
    await signIn(tools, page, "administrator", { proven: true });
    const base = tools.demo.http_url;
    await page.goto(`${base}/keys/payments`);
    await page.fill("input[name=secret]", "sk_test_1234");
    await page.fill("input[name=webhook_secret]", "whsec_1234");
    await page.fill("input[name=provider]", provider.base);
    await page.locator("main form[action='/keys/payments'] button[type=submit]").click();
    await page.waitForLoadState();
    await tools.axe(page, "payment provider");
    await tools.shot(page, "payments-ja-wide");

    await page.goto(`${base}/keys/bookings/new`);
    await page.locator("label", { hasText: "倉庫 A" }).first().click();
    await page.locator("input[name=whom][value=guest]").check();
    await page.fill("input[name=guest_name]", "渡辺 健");
    await page.fill("input[name=guest_mail]", "watanabe@midori.example");
    const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    await page.fill("input[name=starts]", `${day(20)}T10:00`);
    await page.fill("input[name=ends]", `${day(20)}T12:00`);
    await page.fill("input[name=price]", "3,300円");
    await tools.axe(page, "a booking with a price");
    await tools.shot(page, "booking-priced-ja-wide");
    await page.locator("main form[action='/keys/bookings/new'] button[type=submit]").click();
    await page.waitForURL(/\/keys\/bookings\/[0-9a-f-]{36}/);
    await tools.shot(page, "booking-unpaid-ja-wide");
    if (!(await page.innerText("main")).includes("¥3,300")) throw new Error("the price is not told");
    const address = await page.locator("a[href^='/b/']").first().getAttribute("href");

    const guest = await tools.visitor("ja", "phone");
    await guest.goto(`${base}${address}`);
    await tools.axe(guest, "what is to be paid");
    await tools.shot(guest, "to-be-paid-ja-phone");
    await guest.locator("form[action$='/pay'] button").click();
    await tools.axe(guest, "the way to the payment page");
    await tools.shot(guest, "way-to-pay-ja-phone");
    await guest.locator(`a[href^='${provider.base}']`).click();
    await guest.locator("button").click();
    await guest.waitForURL(/\/b\/.*paid=1/);
    const code = (await guest.innerText(".guest-code")).replace(/\D/g, "");
    if (code.length !== 8) throw new Error(`no code after the payment: ${code}`);
    await tools.shot(guest, "paid-ja-phone");
    await page.reload();
    if (!(await page.innerText("main")).includes("支払い済み")) throw new Error("the manager does not see that it was paid");
    // Nothing is left over for the stories that follow.
    await page.locator("summary", { hasText: "予約を取り消す" }).click();
    await page.locator("form[action$='/cancel'] button[type=submit]").click();
    await page.waitForLoadState();
    await guest.reload();
    if (!(await guest.innerText("main")).includes("取り消されました")) throw new Error("the guest's page does not say that the booking was called off");
    await tools.shot(guest, "called-off-ja-phone");
  } finally {
    provider.close();
  }
}
