import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { SoapFault } from "../../../adapters/onvif/wire/connection.ts"
import { makeRedact } from "../../../adapters/onvif/wire/redact.ts"
import {
  addressingNamespace,
  envelopeOf,
  isRefusal,
  type Message,
  NoSoap,
  passwordDigest,
  readEnvelope,
  soap11,
  soap12,
  type UsernameToken
} from "../../../adapters/onvif/wire/soap.ts"
import { attributeOf, childOf, parseXml, textAt, XmlRefused } from "../../../adapters/onvif/wire/xml.ts"
import type { XmlElement } from "../../../adapters/onvif/wire/xml-element.ts"

const pull: Message = {
  action: "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesRequest",
  messageId: "urn:uuid:6d3a1f3e-4c0b-4f35-9a3c-1d1f8c8f0a11",
  body: '<tev:PullMessages xmlns:tev="http://www.onvif.org/ver10/events/wsdl"/>'
}

const token: UsernameToken = {
  username: "admin",
  password: "userpassword",
  nonce: Buffer.from("LKqI6G/AikKCQrN0zqZFlg==", "base64"),
  created: "2010-09-16T07:50:45Z"
}

const secext = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
const utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

const headerOf = (message: Message): XmlElement => {
  const envelope = parseXml(Buffer.from(envelopeOf(message)))
  expect(envelope).toMatchObject({ namespace: soap12, name: "Envelope" })
  return childOf(envelope, soap12, "Header")!
}

const read = (text: string) => readEnvelope(Buffer.from(text))

const faultIn = (text: string): SoapFault => {
  const envelope = read(text)
  if (!("fault" in envelope)) throw new Error(`no fault is in ${text}`)
  return envelope.fault
}

describe("a SOAP request", () => {
  it("without a subscription names its action and itself, which a device may pass over", () => {
    const header = headerOf(pull)
    expect(header.children.map(({ name }) => name)).toEqual(["Action", "MessageID"])
    expect(textAt(header, addressingNamespace, "Action")).toBe(pull.action)
    expect(textAt(header, addressingNamespace, "MessageID")).toBe(pull.messageId)
    expect(header.children.some((child) => attributeOf(child, "mustUnderstand", soap12) !== undefined)).toBe(false)
  })

  it("to a subscription carries all of WS-Addressing, and what the device wants echoed as it gave it", () => {
    const given = parseXml(
      Buffer.from(
        '<w:ReferenceParameters xmlns:w="urn:w" xmlns:axis="http://www.axis.com/2009/event" xmlns:v="urn:vendor">' +
          '<axis:SubscriptionId>42</axis:SubscriptionId><v:Key v:kind="&quot;a&quot;">v:Door &amp; more</v:Key>' +
          "</w:ReferenceParameters>"
      )
    )
    const to = "http://192.0.2.7/onvif/event?a=1&b=2"
    const header = headerOf({ ...pull, addressing: { to, referenceParameters: given.children } })
    const action = childOf(header, addressingNamespace, "Action")!
    expect(attributeOf(action, "mustUnderstand", soap12)).toBe("1")
    expect(textAt(header, addressingNamespace, "To")).toBe(to)
    expect(textAt(header, addressingNamespace, "ReplyTo", "Address")).toBe(`${addressingNamespace}/anonymous`)
    const id = childOf(header, "http://www.axis.com/2009/event", "SubscriptionId")!
    const key = childOf(header, "urn:vendor", "Key")!
    for (const echoed of [id, key])
      expect(attributeOf(echoed, "IsReferenceParameter", addressingNamespace)).toBe("true")
    expect(id.text).toBe("42")
    expect(key.text).toBe("v:Door & more")
    expect(key.prefixes.get("v")).toBe("urn:vendor")
    expect(attributeOf(key, "kind", "urn:vendor")).toBe('"a"')
  })

  it("has the body where SOAP wants it", () => {
    const envelope = read(envelopeOf(pull))
    expect(envelope).toMatchObject({
      body: { name: "PullMessages", namespace: "http://www.onvif.org/ver10/events/wsdl" }
    })
  })
})

describe("a WS-UsernameToken", () => {
  it("has the digest of the example in ONVIF's Application Programmer's Guide", () => {
    expect(passwordDigest(token)).toBe("tuOSpGlFlIXsozq4HFNeeGeFLEI=")
  })

  it("stands in the header, to be understood", () => {
    const security = childOf(headerOf({ ...pull, token }), secext, "Security")!
    expect(attributeOf(security, "mustUnderstand", soap12)).toBe("1")
    const given = childOf(security, secext, "UsernameToken")!
    expect(textAt(given, secext, "Username")).toBe("admin")
    const password = childOf(given, secext, "Password")!
    expect(password.text).toBe("tuOSpGlFlIXsozq4HFNeeGeFLEI=")
    expect(attributeOf(password, "Type")).toMatch(/#PasswordDigest$/)
    expect(textAt(given, secext, "Nonce")).toBe("LKqI6G/AikKCQrN0zqZFlg==")
    expect(textAt(given, utility, "Created")).toBe("2010-09-16T07:50:45Z")
  })

  it("takes a user name of any characters, and hashes a password in UTF-8", () => {
    const security = childOf(headerOf({ ...pull, token: { ...token, username: 'a&b<c>"\u95e8' } }), secext, "Security")!
    expect(textAt(security, secext, "UsernameToken", "Username")).toBe('a&b<c>"\u95e8')
    const sha1 = createHash("sha1").update(token.nonce).update(`${token.created}p\u00e4ss`, "utf8").digest("base64")
    expect(passwordDigest({ ...token, password: "p\u00e4ss" })).toBe(sha1)
  })
})

describe("a SOAP answer", () => {
  it.each([soap12, soap11])("in %s gives the first element of its body", (namespace) => {
    const answer = read(
      `<e:Envelope xmlns:e="${namespace}"><e:Header/><e:Body><a xmlns="urn:a"/><b/></e:Body></e:Envelope>`
    )
    expect(answer).toMatchObject({ body: { namespace: "urn:a", name: "a" } })
  })

  it.each([
    ["XML of another kind", "<config/>", NoSoap],
    ["an envelope of another namespace", '<Envelope xmlns="urn:x"><Body><a/></Body></Envelope>', NoSoap],
    ["an empty body", `<s:Envelope xmlns:s="${soap12}"><s:Body/></s:Envelope>`, NoSoap],
    ["no body", `<s:Envelope xmlns:s="${soap12}"/>`, NoSoap],
    ["what is cut off", `<s:Envelope xmlns:s="${soap12}"><s:Body><a>`, XmlRefused],
    ["nothing", "", XmlRefused]
  ])("that is %s is none", (_, text, error) => {
    expect(() => read(text)).toThrow(error)
  })
})

describe("a SOAP fault", () => {
  const fault12 = (code: string, reason = "the reason") =>
    `<s:Envelope xmlns:s="${soap12}" xmlns:ter="http://www.onvif.org/ver10/error"><s:Body><s:Fault>${code}` +
    `<s:Reason><s:Text xml:lang="en"> ${reason} </s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`

  const fault11 = (code: string) =>
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${soap11}" xmlns:ter="http://www.onvif.org/ver10/error"><SOAP-ENV:Body>` +
    `<SOAP-ENV:Fault><faultcode>${code}</faultcode><faultstring>the reason</faultstring></SOAP-ENV:Fault>` +
    "</SOAP-ENV:Body></SOAP-ENV:Envelope>"

  it("of SOAP 1.2 has its codes without prefixes, from the general to the fine", () => {
    const codes =
      "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value>" +
      "<s:Subcode><s:Value> ter:NoSuchService </s:Value></s:Subcode></s:Subcode></s:Code>"
    expect(faultIn(fault12(codes))).toEqual({
      code: "Sender",
      subcodes: ["InvalidArgVal", "NoSuchService"],
      reason: "the reason",
      detail: []
    })
  })

  it("tells the names in its detail, however deep, for some faults are named there alone", () => {
    const detail =
      '<s:Detail><r:ResourceUnknownFault xmlns:r="urn:r"><r:Timestamp>now</r:Timestamp></r:ResourceUnknownFault>' +
      "<more/></s:Detail></s:Fault>"
    const codes = "<s:Code><s:Value>s:Receiver</s:Value></s:Code>"
    expect(faultIn(fault12(codes).replace("</s:Fault>", detail))).toMatchObject({
      subcodes: [],
      detail: ["ResourceUnknownFault", "Timestamp", "more"]
    })
    const old = fault11("SOAP-ENV:Server").replace("</SOAP-ENV:Fault>", "<detail><a><b/></a></detail></SOAP-ENV:Fault>")
    expect(faultIn(old)).toMatchObject({ detail: ["a", "b"] })
  })

  it.each([
    ["SOAP-ENV:Client", { code: "Sender", subcodes: [] }],
    ["SOAP-ENV:Server", { code: "Receiver", subcodes: [] }],
    ["SOAP-ENV:Client.NotAuthorized", { code: "Sender", subcodes: ["NotAuthorized"] }],
    ["ter:NotAuthorized", { code: "NotAuthorized", subcodes: [] }],
    ["", { code: "", subcodes: [] }]
  ])("of SOAP 1.1 with the code %j is told by the names of SOAP 1.2", (code, expected) => {
    expect(faultIn(fault11(code))).toEqual({ ...expected, reason: "the reason", detail: [] })
  })

  it("of SOAP 1.1 in an envelope of 1.2 is read too, as gSOAP mixes them", () => {
    const mixed = fault11("SOAP-ENV:Server").replaceAll(soap11, soap12)
    expect(faultIn(mixed)).toEqual({ code: "Receiver", subcodes: [], reason: "the reason", detail: [] })
  })

  it.each<[string, Omit<SoapFault, "detail">, boolean]>([
    ["ter:NotAuthorized", { code: "Sender", subcodes: ["NotAuthorized"], reason: "" }, true],
    ["a failed WS-Security check", { code: "Sender", subcodes: ["FailedAuthentication"], reason: "" }, true],
    ["a code of SOAP 1.1", { code: "NotAuthorized", subcodes: [], reason: "" }, true],
    ["words alone", { code: "Sender", subcodes: [], reason: "Sender not Authorized" }, true],
    ["HTTP's words", { code: "Sender", subcodes: [], reason: "HTTP Error: 401 Unauthorized" }, true],
    ["words beside another subcode", { code: "Sender", subcodes: ["InvalidArgVal"], reason: "not authorized" }, false],
    ["an argument", { code: "Sender", subcodes: ["InvalidArgVal"], reason: "bad token" }, false],
    ["a subscription that is gone", { code: "Receiver", subcodes: ["ResourceUnknownFault"], reason: "" }, false]
  ])("of %s is told apart from others: it refuses who we are, or not", (_, fault, expected) => {
    expect(isRefusal({ ...fault, detail: [] })).toBe(expected)
  })
})

describe("our own credentials", () => {
  const redact = makeRedact("Pa&ss word1")

  it("are removed from a header that the device sends back, whatever its prefix", () => {
    const echo = envelopeOf({ ...pull, token }).replaceAll("wsse:", "o:")
    const redacted = redact(echo, [])
    expect(redacted).not.toContain("tuOSpGlFlIXsozq4HFNeeGeFLEI=")
    expect(redacted).not.toContain("LKqI6G/AikKCQrN0zqZFlg==")
    expect(redacted).toContain("[redacted]</o:Password>")
    expect(redacted).toContain("<o:Username>admin</o:Username>")
  })

  it("are removed wherever what we sent comes back", () => {
    expect(redact("nonce LKqI6G/AikKCQrN0zqZFlg== was seen", ["LKqI6G/AikKCQrN0zqZFlg=="])).toBe(
      "nonce [redacted] was seen"
    )
  })

  it.each([
    ["bare", "user=admin;pwd=Pa&ss word1;"],
    ["in XML", "<Uri>rtsp://admin:Pa&amp;ss word1@192.0.2.7/</Uri>"],
    ["in an address", "http://192.0.2.7/snap.jpg?user=admin&password=Pa%26ss%20word1"]
  ])("are removed as a password that stands %s", (_, text) => {
    expect(redact(text, [])).toContain("[redacted]")
    expect(redact(text, [])).not.toContain("word1")
  })

  it("leave words alone that only contain a password, and are not looked for when too short", () => {
    expect(makeRedact("door")("the doorway, a door.", [])).toBe("the doorway, a [redacted].")
    expect(makeRedact("12")("item 12", [])).toBe("item 12")
    expect(makeRedact(undefined)("item 12", [])).toBe("item 12")
  })
})
