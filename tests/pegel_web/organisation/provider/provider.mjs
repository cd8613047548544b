// A certified OpenID Connect provider on loopback, for the tests of single sign-on.
// node provider.mjs PORT CALLBACK: whoever signs in as NAME@… is that person; "unverified-…" has an unverified address.
import Provider from "oidc-provider";

const [port, callback] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "pegel", client_secret: "a secret of the tests", redirect_uris: [callback] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of the tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id.replace("unverified-", ""), email_verified: !id.startsWith("unverified-"), name: "Ada Example" }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
