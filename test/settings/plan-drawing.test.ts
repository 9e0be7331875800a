import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { drawingMaxBytes, readDrawing } from "../../gateway/settings/plan-drawing.ts"
import { temporaryDirectory } from "../road/peers.ts"

const directory = temporaryDirectory("plan")
afterAll(directory.dispose)

const drawn = (text: string) => {
  const file = join(directory.path, "plan.svg")
  writeFileSync(file, text)
  return readDrawing(file)
}

const around = (inside: string, before = "", attributes = 'viewBox="0 0 10 10"'): string =>
  `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`

describe("a drawing is taken", () => {
  test("with its viewBox, whatever separates the numbers", () => {
    expect(drawn(around("<path d='M0 0'/>", "", 'viewBox="-5, 0 20.5 10"'))).toMatchObject({ box: [-5, 0, 20.5, 10] })
  })

  test.each([
    ["that points at its own parts", '<use href="#door"/><rect fill="url(#hatch)"/>'],
    ["with a picture in it", '<image href="data:image/png;base64,AAAA"/>'],
    ["with a style sheet of its own", "<style>.wall { stroke: url('#g') }</style>"],
    ["with a link target's name only", '<a xlink:href="#top"><text>online</text></a>']
  ])("%s", (_, inside) => {
    expect(drawn(around(inside))).toMatchObject({ box: [0, 0, 10, 10] })
  })
})

describe("a drawing is refused", () => {
  test.each([
    ["with a script", around("<script>alert(1)</script>"), "<script> is no drawing"],
    ["with a script under another prefix", around('<s:script xmlns:s="http://www.w3.org/2000/svg"/>'), "is no drawing"],
    ["with a page in it", around("<foreignObject><b/></foreignObject>"), "<foreignObject> is no drawing"],
    ["with a handler", around('<rect onclick="alert(1)"/>'), "onclick of <rect> runs a program"],
    ["with an address that runs", around('<a xlink:href="java\nscript:alert(1)"/>'), "leads out of the drawing"],
    ["with a page as data", around('<use href="data:text/html,x"/>'), "leads out of the drawing"],
    ["with a picture from elsewhere", around('<image href="//host/x.png"/>'), "leads out of the drawing"],
    ["with a filter from elsewhere", around('<rect filter="url(http://h/f)"/>'), "leads out of the drawing"],
    ["with a style from elsewhere", around("<rect style=\"fill:url( 'http://h/f')\"/>"), "leads out of the drawing"],
    [
      "with a style sheet from elsewhere",
      around("<style><![CDATA[@import 'x.css';]]></style>"),
      "its style sheet leads"
    ],
    ["with a style sheet beside it", around("", '<?xml-stylesheet href="x.css"?>'), "its style sheet from elsewhere"],
    ["with entities of its own", around("&a;", '<!DOCTYPE svg [<!ENTITY a "b">]>'), "entities of its own"],
    ["that is a page", "<html><body/></html>", "it is no SVG"],
    ["that is not whole", '<svg viewBox="0 0 1 1"><g>', "Unclosed root tag"],
    ["without a viewBox", around("", "", 'width="10"'), "it has no viewBox"],
    ["that is nowhere in its viewBox", around("", "", 'viewBox="0 0 0 10"'), "it has no viewBox"]
  ])("%s", (_, text, why) => {
    expect(drawn(text)).toMatchObject({ why: expect.stringContaining(why) as string })
  })

  test("that is longer than a phone should load", () => {
    expect(drawn(around("x".repeat(drawingMaxBytes)))).toMatchObject({
      why: expect.stringContaining("longer") as string
    })
  })
})
