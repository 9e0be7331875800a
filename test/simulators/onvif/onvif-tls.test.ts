import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { makeCertificates } from "../../deploy/certificates.ts"
import { temporaryDirectory } from "../../road/peers.ts"
import { Bench } from "./bench.ts"
import { soap, text } from "./client.ts"
import { hear, pullPoint, topicFilter } from "./events-client.ts"

const bench = new Bench()
const directory = temporaryDirectory("onvif-tls")
afterEach(async () => {
  await bench.clear()
  directory.dispose()
})

test("a camera with a certificate speaks HTTPS only, and tells such addresses", async () => {
  makeCertificates(directory.path, ["camera"])
  const read = (name: string): string => readFileSync(join(directory.path, name), "utf8")
  const camera = await bench.camera({ tls: { key: read("camera.key"), cert: read("camera.pem") } })
  expect(camera.url).toMatch(/^https:/)
  const address = await pullPoint(camera.url, { inside: topicFilter("tns1:VideoSource/MotionAlarm") })
  expect(address).toMatch(/^https:/)
  expect(await hear(address)).toHaveLength(1)
  const plain = soap({ url: camera.url.replace("https:", "http:"), body: "<tds:GetHostname/>" })
  await expect(plain).rejects.toThrow(/hang up|ECONNRESET|Parse Error/)
  const told = await soap({
    url: camera.url,
    body: "<tds:GetServices><tds:IncludeCapability>true</tds:IncludeCapability></tds:GetServices>"
  })
  expect(told.text).toContain('TLS1.2="true"')
  expect(text(told.text, "XAddr")).toBe(camera.url)
})
