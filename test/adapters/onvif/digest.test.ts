import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import {
  basicAuthorization,
  type Challenge,
  chooseOffer,
  digestAuthorization,
  type DigestChallenge,
  parseChallenges,
  parseParameters
} from "../../../adapters/onvif/wire/digest.ts"

const offerOf = (...headers: ReadonlyArray<string>) => chooseOffer(parseChallenges(headers), false)

const digestOf = (...headers: ReadonlyArray<string>): DigestChallenge => {
  const offer = offerOf(...headers)
  if (offer === undefined || !("digest" in offer)) throw new Error(`no digest is offered by ${headers.join(" | ")}`)
  return offer.digest
}

const parametersOf = (authorization: string): ReadonlyMap<string, string> =>
  parseChallenges([authorization])[0]?.parameters ?? new Map()

const mufasa = { username: "Mufasa", password: "Circle of Life" }

const rfc7616 = {
  method: "GET",
  uri: "/dir/index.html",
  body: "",
  count: 1,
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
}

const rfc7616Challenge = (algorithm: string): string =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'

describe("an answer to a digest challenge", () => {
  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"]
  ])("by %s is that of RFC 7616, section 3.9.1", (algorithm, response) => {
    const parameters = parametersOf(digestAuthorization(digestOf(rfc7616Challenge(algorithm)), mufasa, rfc7616))
    expect(Object.fromEntries(parameters)).toEqual({
      username: "Mufasa",
      realm: "http-auth@example.org",
      uri: "/dir/index.html",
      algorithm,
      nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
      nc: "00000001",
      cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      qop: "auth",
      response,
      opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
    })
  })

  it("is that of RFC 2617, section 3.5", () => {
    const challenge = digestOf(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    const asked = { ...rfc7616, cnonce: "0a4f113b" }
    const answer = digestAuthorization(challenge, { username: "Mufasa", password: "Circle Of Life" }, asked)
    expect(parametersOf(answer).get("response")).toBe("6629fae49393a05397450978507c4ef1")
    expect(parametersOf(answer).has("algorithm")).toBe(false)
  })

  it("without qop has the form of RFC 2069: no count, no client nonce", () => {
    const challenge = digestOf('Digest realm="camera", nonce="abc"')
    const hash = (text: string) => createHash("md5").update(text).digest("hex")
    const response = hash(`${hash("Mufasa:camera:Circle of Life")}:abc:${hash("GET:/dir/index.html")}`)
    const parameters = parametersOf(digestAuthorization(challenge, mufasa, rfc7616))
    expect([...parameters.keys()].toSorted()).toEqual(["nonce", "realm", "response", "uri", "username"])
    expect(parameters.get("response")).toBe(response)
  })

  it.each([
    ["MD5-sess", "md5"],
    ["sha-256-SESS", "sha256"]
  ])("by %s mixes both nonces into the key", (algorithm, named) => {
    const challenge = digestOf(`Digest realm="r", nonce="n", qop=auth, algorithm=${algorithm}`)
    const hash = (text: string) => createHash(named).update(text).digest("hex")
    const key = hash(`${hash("Mufasa:r:Circle of Life")}:n:${rfc7616.cnonce}`)
    const response = hash(`${key}:n:0000000a:${rfc7616.cnonce}:auth:${hash("GET:/dir/index.html")}`)
    const parameters = parametersOf(digestAuthorization(challenge, mufasa, { ...rfc7616, count: 10 }))
    expect(parameters.get("response")).toBe(response)
    expect(parameters.get("algorithm")).toBe(algorithm)
    expect(parameters.get("nc")).toBe("0000000a")
  })

  it("hashes the body where only auth-int is offered", () => {
    const challenge = digestOf('Digest realm="r", nonce="n", qop="auth-int"')
    const hash = (text: string) => createHash("md5").update(text, "utf8").digest("hex")
    const a2 = hash(`POST:/dir/index.html:${hash("<door>\u95e8</door>")}`)
    const response = hash(`${hash("Mufasa:r:Circle of Life")}:n:00000001:${rfc7616.cnonce}:auth-int:${a2}`)
    const asked = { ...rfc7616, method: "POST", body: "<door>\u95e8</door>" }
    expect(parametersOf(digestAuthorization(challenge, mufasa, asked)).get("response")).toBe(response)
  })

  it("has names beyond ASCII in UTF-8, and what the device wrote as it wrote it", () => {
    const realm = Buffer.from("T\u00fcr", "utf8").toString("latin1")
    const challenge = digestOf(`Digest realm="${realm}", nonce="n", qop="auth", charset=UTF-8`)
    const answer = digestAuthorization(challenge, { username: "J\u00f8rg", password: "p\u00e4ss" }, rfc7616)
    const hash = (text: string) => createHash("md5").update(text, "utf8").digest("hex")
    const a2 = hash("GET:/dir/index.html")
    const response = hash(`${hash("J\u00f8rg:T\u00fcr:p\u00e4ss")}:n:00000001:${rfc7616.cnonce}:auth:${a2}`)
    expect(parametersOf(answer).get("response")).toBe(response)
    expect(Buffer.from(answer, "latin1").toString("utf8")).toContain('username="J\u00f8rg"')
  })

  it("escapes what would end a quoted value", () => {
    const challenge = digestOf('Digest realm="a \\"quoted\\" \\\\ realm", nonce="n"')
    expect(challenge.realm).toBe('a "quoted" \\ realm')
    const answer = digestAuthorization(challenge, { username: 'a"b\\c', password: "p" }, rfc7616)
    expect(answer).toContain('realm="a \\"quoted\\" \\\\ realm"')
    expect(parametersOf(answer).get("username")).toBe('a"b\\c')
  })
})

describe("a challenge", () => {
  const md5 = { hash: "MD5", session: false, qop: "auth", nonce: "n" }

  it.each<[string, ReadonlyArray<string>, object]>([
    ["MD5", ['Digest realm="r", nonce="n", qop="auth", algorithm=MD5'], md5],
    ["MD5 in quotes", ['Digest realm="r", nonce="n", qop="auth", algorithm="MD5"'], md5],
    ["md5 in small letters", ['Digest realm="r", nonce="n", qop="auth", algorithm=md5'], md5],
    ["no algorithm", ['Digest realm="r", nonce="n", qop="auth"'], md5],
    ["an empty algorithm", ['Digest realm="r", nonce="n", qop="auth", algorithm='], md5],
    ["no qop", ['Digest realm="r", nonce="n"'], { ...md5, qop: undefined }],
    ["an empty qop", ['Digest realm="r", nonce="n", qop=""'], { ...md5, qop: undefined }],
    ["qop without quotes", ['Digest realm="r", nonce="n", qop=auth'], md5],
    ["a list of qop with a space", ['Digest realm="r", nonce="n", qop="auth, auth-int"'], md5],
    ["a list of qop without", ['Digest realm="r", nonce="n", qop="auth,auth-int"'], md5],
    ["a list of qop the other way round", ['Digest realm="r", nonce="n", qop="auth-int,auth"'], md5],
    ["AUTH in capitals", ['Digest realm="r", nonce="n", qop="AUTH"'], md5],
    ["auth-int alone", ['Digest realm="r", nonce="n", qop="auth-int"'], { ...md5, qop: "auth-int" }],
    ["SHA-256", ['Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'], { ...md5, hash: "SHA-256" }],
    ["MD5-sess", ['Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess'], { ...md5, session: true }],
    [
      "SHA-256-sess",
      ['Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256-sess'],
      { ...md5, hash: "SHA-256", session: true }
    ],
    ["digest in small letters", ['digest realm="r", nonce="n", qop="auth"'], md5],
    ["no spaces after commas", ['Digest realm="r",nonce="n",qop="auth",algorithm=MD5'], md5],
    ["spaces around =", ['Digest realm = "r" , nonce = "n" , qop = "auth"'], md5],
    ["commas too many", ['Digest ,realm="r",, nonce="n", qop="auth",'], md5],
    ["a comma in the realm", ['Digest realm="Door, north", nonce="n", qop="auth"'], { ...md5, realm: "Door, north" }],
    ["an = in the nonce", ['Digest realm="r", nonce="bjo=", qop="auth"'], { ...md5, nonce: "bjo=" }],
    ["names in capitals", ['Digest REALM="r", NONCE="n", QOP="auth"'], md5],
    ["stale", ['Digest realm="r", nonce="n", qop="auth", stale=TRUE'], { ...md5, stale: true }],
    ["stale, false", ['Digest realm="r", nonce="n", qop="auth", stale="false"'], { ...md5, stale: false }],
    [
      "userhash and a domain",
      ['Digest realm="r", domain="/ /onvif", nonce="n", qop="auth", userhash=false, charset=UTF-8'],
      md5
    ],
    ["Basic before it in one header", ['Basic realm="b", Digest realm="r", nonce="n", qop="auth"'], md5],
    ["Basic after it in one header", ['Digest realm="r", nonce="n", qop="auth", Basic realm="b"'], md5],
    ["Basic in another header", ['Basic realm="b"', 'Digest realm="r", nonce="n", qop="auth"'], md5],
    ["Negotiate before it", ['Negotiate, Digest realm="r", nonce="n", qop="auth"'], md5],
    ["NTLM with a token before it", ['NTLM TlRMTVNTUAAC=, Digest realm="r", nonce="n", qop="auth"'], md5],
    [
      "MD5 and then SHA-256 in two headers",
      ['Digest realm="r", nonce="m", algorithm=MD5', 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'],
      { ...md5, hash: "SHA-256" }
    ],
    [
      "SHA-256 and MD5 in one header",
      ['Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, Digest realm="r", nonce="m", algorithm=MD5'],
      { ...md5, hash: "SHA-256" }
    ],
    [
      "an algorithm nobody knows beside MD5",
      ['Digest realm="r", nonce="m", algorithm=SHA-512-256', 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'],
      md5
    ]
  ])("with %s is understood", (_, headers, expected) => {
    expect(digestOf(...headers)).toMatchObject(expected)
  })

  it.each<[string, ReadonlyArray<string>]>([
    ["nothing", []],
    ["an empty header", [""]],
    ["Basic over a plain connection", ['Basic realm="r"']],
    ["an algorithm nobody knows", ['Digest realm="r", nonce="n", algorithm=SHA-512-256']],
    ["a qop nobody knows", ['Digest realm="r", nonce="n", qop="auth-conf"']],
    ["no nonce", ['Digest realm="r", qop="auth"']],
    ["another scheme", ['Bearer realm="r"']],
    ["rubbish", ['"""=,=,=="', "(((("]],
    ["a quote that does not end", ['Digest realm="r, nonce=n']]
  ])("with %s is not answered", (_, headers) => {
    expect(offerOf(...headers)).toBeUndefined()
  })

  it("of Basic is answered over TLS, if there is nothing better", () => {
    const basic = parseChallenges(['Basic realm="r"'])
    const both = parseChallenges(['Basic realm="r", Digest realm="r", nonce="n"'])
    expect(chooseOffer(basic, true)).toEqual({ basic: true })
    expect(chooseOffer(basic, false)).toBeUndefined()
    expect(chooseOffer(both, true)).toHaveProperty("digest")
    expect(basicAuthorization({ username: "Aladdin", password: "open sesame" })).toBe(
      "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    )
  })

  it("is given in order, with its scheme in small letters and the first of each parameter", () => {
    const challenges: ReadonlyArray<Challenge> = parseChallenges(['BASIC realm="a", Digest nonce=1, nonce=2'])
    expect(challenges.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])).toEqual([
      ["basic", { realm: "a" }],
      ["digest", { nonce: "1" }]
    ])
  })

  it("of any length is read in a bounded time", () => {
    expect(offerOf(`Digest ${'a="b",'.repeat(100_000)} nonce="n"`)).toBeUndefined()
    expect(offerOf(`Digest realm="${"\\".repeat(100_000)}`)).toBeUndefined()
  })
})

describe("Authentication-Info", () => {
  it("tells the next nonce", () => {
    expect(parseParameters('nextnonce="abc=", qop=auth, rspauth="x"').get("nextnonce")).toBe("abc=")
    expect(parseParameters("").size).toBe(0)
  })
})
