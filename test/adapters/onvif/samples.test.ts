/**
 * Messages of real devices and of independent servers, recorded elsewhere and not kept here: each file goes through the
 * reader and the general profile, and gives what its recorders say it means. Name the directory in
 * GATEHOUSE_ONVIF_SAMPLES to run it.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeOnvifMapping } from "../../../adapters/onvif/mapping/normalize.ts"
import { readNotifications } from "../../../adapters/onvif/messages/notification-read.ts"
import { parseXml, XmlRefused } from "../../../adapters/onvif/wire/xml.ts"
import { brief, camera, heardAt, noon, shipped } from "./heard.ts"

const directory = process.env["GATEHOUSE_ONVIF_SAMPLES"]

/** One line for each message: the point without what the device calls it, and what it says; "" for nothing of ours. */
const meanings: Readonly<Record<string, ReadonlyArray<string>>> = {
  "agsh-mock-PullMessages.xml": ["motion on change", "motion on change"],
  "axis-stream-audio_init.xml": ["sound off recovery"],
  "axis-stream-fence_guard_init.xml": ["app off recovery"],
  "axis-stream-global_scene_change.xml": ["picture off recovery"],
  "axis-stream-light_status_init.xml": [""],
  "axis-stream-loitering_guard_init.xml": ["app off recovery"],
  "axis-stream-object_analytics_any_change.xml": ["app on change, app ObjectDetected change"],
  "axis-stream-object_analytics_init.xml": ["app off recovery"],
  "axis-stream-pir_change.xml": ["pir on change"],
  "axis-stream-pir_init.xml": ["pir off recovery"],
  "axis-stream-port_any_init.xml": ["input off recovery"],
  "axis-stream-relay_init.xml": ["relay off recovery"],
  "axis-stream-rule_engine_region_detector_init.xml": ["motion off recovery"],
  "axis-stream-storage_alert_init.xml": ["storage off recovery"],
  "axis-stream-vmd4_any_change.xml": ["app on change"],
  "dvc-dcn-bm2220lpr-PullMessagesMotion.xml": ["motion on change", "motion on change"],
  "hikvision-PullMessages-initialized-2024.xml": [
    "motion off recovery",
    "picture off recovery",
    "motion off recovery",
    "picture.dark off recovery",
    "field off recovery",
    "",
    "device DeviceRestarted recovery",
    "",
    "StorageFailure off recovery",
    ""
  ],
  "homeassistant-ajax-decoded.xml": [
    "motion on change",
    "object on recovery, object ObjectDetected recovery",
    "object off change",
    "object on change, object ObjectDetected change, object ObjectDetected change",
    "object on change, object ObjectDetected change, object ObjectDetected change",
    "line LineCrossed change",
    "object on change, object ObjectDetected change"
  ],
  "homeassistant-generic-decoded.xml": ["line LineCrossed recovery"],
  "homeassistant-hikvision-decoded.xml": ["input on recovery"],
  "homeassistant-reolink-decoded.xml": ["package on recovery"],
  "homeassistant-tapo-decoded.xml": [
    "line LineCrossed change",
    "vehicle on change",
    "vehicle on change",
    "person on change",
    "animal on change",
    "person on change",
    "picture on change",
    "field on change",
    "",
    "person on change"
  ],
  "onvif-core-example-PullMessagesResponse.xml": ["line LineCrossed change", "line LineCrossed change"],
  "peer-onvif_server_emulator.PullMessages.changed.xml": ["sound on change"],
  "peer-onvif_server_emulator.PullMessages.initialized.xml": [
    "motion off recovery",
    "motion off recovery",
    "sound off recovery"
  ],
  "peer-onvif_simple_server.PullMessages.changed.xml": ["reader.enabled on change"],
  "peer-onvif_simple_server.PullMessages.initialized.xml": [
    "motion on recovery",
    "person off recovery",
    "reader.enabled off recovery",
    "picture.dark off recovery"
  ]
}

/** As printed in the standard, it is not well-formed. */
const malformed: ReadonlySet<string> = new Set(["onvif-core-example-GetEventPropertiesResponse.xml"])

const recorded = directory === undefined ? [] : readdirSync(directory).filter((name) => name.endsWith(".xml"))

/** What a device calls its tokens is its own: it stands behind the first "-" of a point. */
const withoutToken = (told: string): string => told.replace(/^([a-z]+)-\S*?(\.dark|\.enabled)? /, "$1$2 ")

describe.skipIf(directory === undefined)("recorded messages (set GATEHOUSE_ONVIF_SAMPLES to their directory)", () => {
  it("are all of those that are known", () => {
    expect(recorded).toEqual(expect.arrayContaining(Object.keys(meanings)))
  })

  const bytesOf = (name: string): Uint8Array => readFileSync(join(directory ?? "", name))

  it.each(recorded.filter((name) => malformed.has(name)))("%s is refused", (name) => {
    expect(() => parseXml(bytesOf(name))).toThrow(XmlRefused)
  })

  it.each(recorded.filter((name) => !malformed.has(name)))("%s", (name) => {
    const { notifications, faults } = readNotifications(parseXml(bytesOf(name)))
    expect(faults).toEqual([])
    expect(notifications.filter(({ lenient }) => lenient)).toEqual([])
    const mapping = makeOnvifMapping(shipped("onvif"), camera(), "UTC")
    const said = notifications.map((notification) => mapping.normalize(notification, heardAt(noon)))
    expect(said.map(({ observations }) => observations.map((one) => withoutToken(brief(one))).join(", "))).toEqual(
      meanings[name] ?? []
    )
    expect(said.filter(({ outcome, unknownTopic }) => outcome === "unreadable" || unknownTopic !== undefined)).toEqual(
      []
    )
  })
})
