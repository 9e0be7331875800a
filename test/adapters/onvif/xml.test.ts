import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  attributeOf,
  childOf,
  childrenOf,
  escapeXml,
  parseXml,
  qnameOf,
  textAt,
  writeXml,
  XmlRefused,
  xmlMaxBytes
} from "../../../adapters/onvif/wire/xml.ts"
import type { XmlElement } from "../../../adapters/onvif/wire/xml-element.ts"

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8")

const parse = (text: string): XmlElement => parseXml(bytes(text))

/** Why a document is refused. */
const refusal = (document: string | Uint8Array, charset?: string): string => {
  try {
    const element = parseXml(typeof document === "string" ? bytes(document) : document, charset)
    return `it was read as ${element.name}`
  } catch (error) {
    if (error instanceof XmlRefused) return error.reason
    throw error
  }
}

/** What an element means, whatever its prefixes: to compare before and after writing. */
const meaning = ({ namespace, name, attributes, text, children }: XmlElement): unknown => ({
  namespace,
  name,
  attributes: attributes.map((attribute) => ({ ...attribute })),
  text,
  children: children.map(meaning)
})

describe("an answer that is read", () => {
  it("keeps every value as the text that was sent", () => {
    const item = parse('<i Value="12345678901234567890" Name="1.10">  true\n</i>')
    expect(attributeOf(item, "Value")).toBe("12345678901234567890")
    expect(attributeOf(item, "Name")).toBe("1.10")
    expect(item.text).toBe("  true\n")
  })

  it("resolves prefixes of elements and attributes, as far as they reach", () => {
    const root = parse(
      '<a:r xmlns:a="urn:one" xmlns="urn:default"><p a:q="1" q="2"><a:c xmlns:a="urn:two"/></p><a:c/></a:r>'
    )
    expect(root).toMatchObject({ namespace: "urn:one", name: "r" })
    const p = childOf(root, "urn:default", "p")!
    expect(attributeOf(p, "q", "urn:one")).toBe("1")
    expect(attributeOf(p, "q")).toBe("2")
    expect(p.children.map(({ namespace }) => namespace)).toEqual(["urn:two"])
    expect(childrenOf(root, "urn:one", "c")).toHaveLength(1)
  })

  it("leaves the default namespace where it is taken back", () => {
    const root = parse('<r xmlns="urn:one"><c xmlns=""/></r>')
    expect(root.children[0]).toMatchObject({ namespace: "", name: "c" })
  })

  it("resolves a name that stands in content by the prefixes in scope there", () => {
    const root = parse('<r xmlns:t="urn:t"><Topic xmlns:v="urn:vendor"> v:Door </Topic><u>x:Door</u><n>Door</n></r>')
    const [topic, undeclared, none] = root.children
    expect(qnameOf(topic!, topic!.text)).toEqual({ namespace: "urn:vendor", prefix: "v", name: "Door" })
    expect(qnameOf(undeclared!, undeclared!.text)).toEqual({ namespace: undefined, prefix: "x", name: "Door" })
    expect(qnameOf(none!, none!.text)).toEqual({ namespace: "", prefix: "", name: "Door" })
  })

  it("gives the text at a path, without the white space around it", () => {
    const root = parse("<r><a><b>\n  2008-10-09T13:52:59\n</b></a></r>")
    expect(textAt(root, "", "a", "b")).toBe("2008-10-09T13:52:59")
    expect(textAt(root, "", "a", "c")).toBeUndefined()
  })

  it("takes the first of two attributes with one name, values in either quotes, and blanks in a tag", () => {
    const element = parse(`<a  b = '"1"'\n b="2" c='>' ><d\t/></a >`)
    expect(element.attributes.map(({ name, value }) => [name, value])).toEqual([
      ["b", '"1"'],
      ["c", ">"]
    ])
    expect(element.children).toHaveLength(1)
  })

  it("joins text around children, references and CDATA sections", () => {
    expect(parse("<a>1 &lt; 2<b/><![CDATA[ & <3> ]]>&#x263A;&#33;</a>").text).toBe("1 < 2 & <3> \u263a!")
  })

  it("takes a byte order mark, a declaration, comments and blanks before the root, and zeros after it", () => {
    expect(parse('\ufeff<?xml version="1.0" encoding="utf-8"?>\n<!-- a --> <a/>\n\0\0').name).toBe("a")
    expect(parse('\n  <?xml version="1.0"?><a/>').name).toBe("a")
  })

  it("gives an ONVIF prefix that a device forgot to declare the meaning it always has", () => {
    expect(parse("<tt:Message/>").namespace).toBe("http://www.onvif.org/ver10/schema")
    expect(parse('<a xsi:type="b"/>').attributes[0]?.namespace).toBe("http://www.w3.org/2001/XMLSchema-instance")
    expect(parse('<tt:Message xmlns:tt="urn:other"/>').namespace).toBe("urn:other")
  })

  it("keeps an attribute whose prefix means nothing", () => {
    expect(parse('<a vendor:b="c"/>').attributes).toEqual([{ namespace: "", name: "b", value: "c" }])
  })

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "takes the name %s for a name like any other",
    (name) => {
      const element = parse(`<a ${name}="1" xmlns:${name}="urn:x"><${name}:b ${name}="2"/></a>`)
      expect(attributeOf(element, name)).toBe("1")
      expect(element.children[0]).toMatchObject({ namespace: "urn:x", name: "b" })
      expect(refusal(`<${name}:b/>`)).toContain("not declared")
    }
  )
})

describe("the encoding of an answer", () => {
  it("is taken for UTF-8 first, whatever is declared", () => {
    expect(parse('<?xml version="1.0" encoding="GB2312"?><a>\u95e8</a>').text).toBe("\u95e8")
  })

  it("is the declared one where the bytes are not UTF-8", () => {
    const gb2312 = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="GB2312"?><a>'),
      Buffer.from([0xc3, 0xc5]),
      Buffer.from("</a>")
    ])
    expect(parseXml(gb2312).text).toBe("\u95e8")
  })

  it("is the Content-Type's where the document names none", () => {
    expect(parseXml(Buffer.from("<a>Caf\u00e9</a>", "latin1"), "ISO-8859-1").text).toBe("Caf\u00e9")
  })

  it("is repaired where bytes do not even fit the declared one", () => {
    const broken = Buffer.concat([
      Buffer.from("<?xml version='1.0' encoding='gb2312'?><a b='"),
      Buffer.from([0xff]),
      Buffer.from("'>kept</a>")
    ])
    expect(parseXml(broken)).toMatchObject({ text: "kept", attributes: [{ name: "b", value: "\ufffd" }] })
  })

  it("is UTF-8 with the odd byte replaced where nothing else is named", () => {
    const gb2312 = Buffer.concat([Buffer.from("<a b='"), Buffer.from([0xc3, 0xc5]), Buffer.from("'>kept</a>")])
    for (const charset of [undefined, "UTF-8", "utf8"])
      expect(parseXml(gb2312, charset)).toMatchObject({ text: "kept", attributes: [{ value: "\ufffd\ufffd" }] })
  })

  it("is UTF-16 where the byte order mark says so, whatever is declared", () => {
    const text = "\ufeff<?xml version='1.0' encoding='utf-8'?><a>\u95e8</a>"
    expect(parseXml(Buffer.from(text, "utf16le")).text).toBe("\u95e8")
    expect(parseXml(Buffer.from(text, "utf16le").swap16(), "utf-8").text).toBe("\u95e8")
  })

  it("is refused where it is one that nobody knows", () => {
    const latin = Buffer.from("<a>Caf\u00e9</a>", "latin1")
    expect(refusal(latin, "x-vendor")).toBe("the text names the encoding x-vendor, which is unknown")
    expect(refusal(Buffer.from("<a/>", "utf16le"))).toContain("malformed")
  })

  it("has control characters that XML forbids replaced, not the event lost", () => {
    expect(parse("<a>door\u0007 one\u0000</a>").text).toBe("door\ufffd one\ufffd")
  })
})

describe("an ampersand that begins no reference", () => {
  it.each([
    ["R&D", "R&D"],
    ["R &amp; D & E", "R & D & E"],
    ["&", "&"],
    ["a&&amp;&#38;b", "a&&&b"],
    ["&#x;&#;&#12", "&#x;&#;&#12"],
    ["1&2;", "1&2;"]
  ])("is text, and the element says so: %s", (written, text) => {
    expect(parse(`<a>${written}</a>`)).toMatchObject({ text, lenient: true })
    expect(parse(`<r><a b="${written}"/><c/></r>`).children).toEqual([
      expect.objectContaining({ attributes: [{ namespace: "", name: "b", value: text }], lenient: true }),
      expect.not.objectContaining({ lenient: true })
    ])
  })

  it("is looked for neither in CDATA nor in a comment", () => {
    expect(parse("<a><!-- R&D --><![CDATA[R&D]]></a>")).toMatchObject({ text: "R&D" })
    expect(parse("<a><!-- R&D --><![CDATA[R&D]]></a>").lenient).toBeUndefined()
    expect(parse("<a><!-- R&D --><b/>R&D</a>")).toMatchObject({ text: "R&D", lenient: true })
  })

  it("stays one in a namespace", () => {
    expect(parse('<a:b xmlns:a="urn:a?b&c"/>').namespace).toBe("urn:a?b&c")
  })

  it("costs no more than the text is long", () => {
    const text = "&".repeat(200_000)
    expect(parse(`<a>${text}</a>`).text).toBe(text)
    expect(refusal(`<a>${"<!--&".repeat(100_000)}`)).toContain("malformed")
    expect(refusal(`<a b="<!--">${text}</a>`)).toContain("malformed")
  })
})

describe("an answer that is refused", () => {
  const laughs = Array.from({ length: 9 }, (_, nth) => {
    const before = `&lol${nth};`.repeat(10)
    return `<!ENTITY lol${nth + 1} "${before}">`
  }).join("")

  it.each([
    ["a billion laughs", `<!DOCTYPE lolz [<!ENTITY lol0 "lol">${laughs}]><lolz>&lol9;</lolz>`, "document type"],
    ["an external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "document type"],
    ["a document type that never ends", `<!DOCTYPE a [<b>`, "document type"],
    ["a document type in small letters", "<!doctype html><html/>", "document type"],
    ["a document type behind a comment", "<!-- <a/> --><!DOCTYPE a><a/>", "document type"],
    ["a document type inside", "<a><!DOCTYPE a></a>", "malformed"],
    ["a markup declaration inside", '<a><!ENTITY b "c"></a>', "markup declaration"],
    ["a markup declaration that an attribute hides", `<a b="<!--"><!${"x".repeat(5000)} --></a>`, "markup declaration"],
    ["a processing instruction before", '<?xml-stylesheet href="x"?><a/>', "processing instruction"],
    ["a processing instruction inside", "<a><?php x?></a>", "processing instruction"],
    ["a second declaration", '<?xml version="1.0"?><a><?xml version="1.0"?></a>', "processing instruction"],
    ["an entity nobody declared", "<a>&nbsp;</a>", "malformed"],
    ["an entity named like a method", "<a>&constructor;</a>", "malformed"],
    ["a reference to no character", "<a>&#0;</a>", "malformed"],
    ["nesting", "<a>".repeat(65) + "</a>".repeat(65), "nested more than 64 deep"],
    ["too many elements", `<a>${"<b/>".repeat(20_000)}</a>`, "more than 20000 elements"],
    [
      "too many attributes",
      `<a ${Array.from({ length: 257 }, (_, nth) => `b${nth}=""`).join(" ")}/>`,
      "more than 256 attributes"
    ],
    ["too large", `<a>${"x".repeat(xmlMaxBytes)}</a>`, "more than the 2097152"],
    ["a name without end", `<a><${"b".repeat(200_000)}`, "more than 65536 characters"],
    ["a value without end", `<a b="${"c".repeat(200_000)}"/>`, "more than 65536 characters"],
    [
      "prefixes copied over and over",
      `<a ${Array.from({ length: 63 }, (_, nth) => `xmlns:p${nth}="u"`).join(" ")}>${'<b xmlns:c="d"/>'.repeat(5000)}</a>`,
      "too many prefixes"
    ],
    ["two roots", "<a/><b/>", "more than one root"],
    ["text after the root", "<a/>b", "malformed"],
    ["an element that does not end", "<a><b></b>", "malformed"],
    ["elements that cross", "<a><b></a></b>", "malformed"],
    ["an attribute without quotes", "<a b=c/>", "malformed"],
    ["a name with two colons", "<a:b:c/>", "no name"],
    ["a prefix nobody declared", "<vendor:a/>", "not declared"],
    ["attributes without a blank between", '<a b="1"c="2"/>', "malformed"],
    ["an attribute without a value", "<a b/>", "malformed"],
    ["a value that does not end", '<a b="c/>', "malformed"],
    ["a reference that does not end, behind a value that looks like a comment", '<a b="<!--">&lt</a>', "malformed"],
    ["a comment in a comment", "<a><!-- <!-- --> --></a>", "malformed"],
    ["a CDATA section outside", "<a/><![CDATA[b]]>", "malformed"],
    ["a web page", "<html><body><br></body></html>", "malformed"],
    ["no XML at all", "HTTP/1.1 200 OK", "does not start with an element"],
    ["nothing", "", "empty"],
    ["blanks", " \r\n\0", "empty"]
  ])("holds %s", (_, document, reason) => {
    expect(refusal(document)).toContain(reason)
  })

  it("stops at the bounds, not before", () => {
    expect(parse("<a>".repeat(64) + "</a>".repeat(64)).name).toBe("a")
    expect(parse(`<a>${"<b/>".repeat(19_999)}</a>`).children).toHaveLength(19_999)
    const attributes = Array.from({ length: 256 }, (_, nth) => `b${nth}=""`).join(" ")
    expect(parse(`<a ${attributes}/>`).attributes).toHaveLength(256)
    const text = "x".repeat(xmlMaxBytes - "<a></a>".length)
    expect(parse(`<a>${text}</a>`).text).toBe(text)
  })
})

describe("XML that is written", () => {
  it("escapes what would end a value, or be changed by a parser", () => {
    const text = `a&b<c>"d'\t\r\n\u95e8`
    expect(parse(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({
      text,
      attributes: [{ value: text }]
    })
    expect(escapeXml("\u0001")).toBe("\ufffd")
  })

  it.each([
    [
      "a reference parameter of Axis",
      '<r xmlns:d="urn:axis" xmlns:u="urn:unused"><d:SubscriptionId d:kind="x">42</d:SubscriptionId></r>'
    ],
    ["one in the default namespace", '<r xmlns="urn:v"><Id>1</Id></r>'],
    ["one without a namespace, under a default one", '<r xmlns="urn:v"><Id xmlns="">1<b/></Id></r>'],
    [
      "one with children of several namespaces",
      '<r xmlns:a="urn:a"><a:x><b xmlns="urn:b"><a:y c="&lt;"/></b></a:x></r>'
    ],
    ["one whose prefix changes its meaning inside", '<r xmlns:a="urn:1"><a:x><a:y xmlns:a="urn:2"/><a:z/></a:x></r>'],
    ["one with an attribute of the XML namespace", '<r><x xml:lang="en">t</x></r>'],
    ["one whose default namespace is an attribute's", '<r xmlns="urn:v" xmlns:v="urn:v"><x v:a="1"/></r>']
  ])("means the same as %s", (_, document) => {
    const parameter = parse(document).children[0]!
    expect(meaning(parse(writeXml(parameter)))).toEqual(meaning(parameter))
  })

  it("declares the prefixes that values mention, so that names in content keep their meaning", () => {
    const topic = parse('<r xmlns:v="urn:vendor" xmlns:w="urn:w"><t k="w:x">v:Door/v:Open</t></r>').children[0]!
    const again = parse(`<elsewhere xmlns:v="urn:other">${writeXml(topic)}</elsewhere>`).children[0]!
    expect(qnameOf(again, "v:Door").namespace).toBe("urn:vendor")
    expect(qnameOf(again, "w:x").namespace).toBe("urn:w")
  })

  it("adds attributes under a prefix that is free", () => {
    const parameter = parse('<r xmlns:n0="urn:taken"><n0:Id>n0:x</n0:Id></r>').children[0]!
    const written = writeXml(parameter, [{ namespace: "urn:added", name: "Is", value: "true" }])
    const again = parse(written)
    expect(attributeOf(again, "Is", "urn:added")).toBe("true")
    expect(again.namespace).toBe("urn:taken")
    expect(qnameOf(again, again.text).namespace).toBe("urn:taken")
  })
})

/** Pieces of markup and of text, to be put together in any order. */
const shred = fc.constantFrom(
  ..."<a>|</a>|<a| b='|'|\"|>|/>|<!--|-->|<![CDATA[|]]>|<?xml |?>|&amp;|&#x|&|;|<|=|:|xmlns:p='u'|<p:c>".split("|"),
  ..."<!DOCTYPE|text| |\n|\0|\u95e8|\ufeff|__proto__".split("|")
)

const text = fc.string({ unit: "grapheme", maxLength: 8 }).map((any) => any.replace(/[^\x20-\ud7ff]/g, ""))

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,6}$/)

const namespace = fc.constantFrom("", "urn:a", "urn:b", "urn:c")

/** An element made by nobody's parser: its prefixes say nothing of its namespaces. */
const elementOf = (depth: number): fc.Arbitrary<XmlElement> =>
  fc.record({
    namespace,
    name,
    attributes: fc.uniqueArray(fc.record({ namespace, name, value: text }), {
      maxLength: 3,
      selector: (attribute) => `${attribute.namespace} ${attribute.name}`
    }),
    children: depth === 0 ? fc.constant([]) : fc.array(elementOf(depth - 1), { maxLength: 3 }),
    text,
    prefixes: fc
      .array(fc.tuple(name, fc.constantFrom("urn:a", "urn:b")), { maxLength: 3 })
      .map((declared) => new Map(declared))
  })

describe("whatever a device sends", () => {
  it("is read or refused, and breaks nothing", () => {
    fc.assert(
      fc.property(fc.array(shred, { maxLength: 40 }), (shreds) => {
        expect(refusal(shreds.join(""))).toBeTypeOf("string")
      }),
      { numRuns: 2000 }
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(refusal(noise)).toBeTypeOf("string")
      })
    )
  })

  it("means the same once it is written again", () => {
    fc.assert(
      fc.property(elementOf(3), (written) => {
        expect(meaning(parse(writeXml(written)))).toEqual(meaning(written))
      }),
      { numRuns: 500 }
    )
  })
})
