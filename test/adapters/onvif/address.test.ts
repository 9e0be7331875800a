import { describe, expect, it, test } from "vitest"
import { deviceServiceUrl, reachableUrl } from "../../../adapters/onvif/wire/address.ts"

describe("the address of a device in the configuration", () => {
  test.each([
    ["10.0.0.7", "http://10.0.0.7/onvif/device_service"],
    ["10.0.0.7:8080", "http://10.0.0.7:8080/onvif/device_service"],
    ["[fd00::7]:8080", "http://[fd00::7]:8080/onvif/device_service"],
    ["https://cam.campus.example", "https://cam.campus.example/onvif/device_service"],
    ["http://10.0.0.7/vapix/services", "http://10.0.0.7/vapix/services"]
  ])("%s is %s", (address, url) => {
    expect(deviceServiceUrl(address, false)?.href).toBe(url)
  })

  it("is by TLS where a certificate is expected and nothing else is said", () => {
    expect(deviceServiceUrl("10.0.0.7", true)?.href).toBe("https://10.0.0.7/onvif/device_service")
  })

  test.each([["ftp://10.0.0.7"], ["http://"], ["http://admin:secret@10.0.0.7"], [""]])(
    "%s means nothing",
    (address) => {
      expect(deviceServiceUrl(address, false)).toBeUndefined()
    }
  )
})

describe("an address that a device advertises", () => {
  const own = new URL("http://203.0.113.9:8001/onvif/device_service")

  test.each([
    // Behind address translation.
    ["http://192.168.1.2/onvif/events", "http://203.0.113.9:8001/onvif/events"],
    ["http://192.168.1.2:80/onvif/sub?Idx=6", "http://203.0.113.9:8001/onvif/sub?Idx=6"],
    // RaySharp.
    ["http:///onvif/event_service/s0", "http://203.0.113.9:8001/onvif/event_service/s0"],
    // The standard's own example puts it on a line of its own.
    ["\n  http://160.10.64.10/Subscription?Idx=0\n", "http://203.0.113.9:8001/Subscription?Idx=0"],
    // Uniview.
    ["192.168.1.2:8000/onvif/event/alarm", "http://203.0.113.9:8001/onvif/event/alarm"],
    ["/onvif/snapshot", "http://203.0.113.9:8001/onvif/snapshot"],
    // Whoever writes this into an answer shall not get our credentials.
    ["https://evil.example/onvif/events", "http://203.0.113.9:8001/onvif/events"],
    ["http://user:pass@evil.example/x", "http://203.0.113.9:8001/x"]
  ])("%j is gone to at %s", (advertised, url) => {
    expect(reachableUrl(advertised, own, [])).toBe(url)
  })

  it("is taken at its word when the host is allowed", () => {
    expect(reachableUrl("http://10.1.1.1:8899/sub", own, ["10.1.1.1"])).toBe("http://10.1.1.1:8899/sub")
    expect(reachableUrl("http://10.1.1.1:8899/sub", own, ["10.1.1.1:8899"])).toBe("http://10.1.1.1:8899/sub")
    expect(reachableUrl("http://10.1.1.1:8899/sub", own, ["10.1.1.1:80"])).toBe("http://203.0.113.9:8001/sub")
  })

  it("never leads out of TLS", () => {
    const secure = new URL("https://10.0.0.7/onvif/device_service")
    expect(reachableUrl("http://10.0.0.7:80/onvif/sub", secure, ["10.0.0.7"])).toBe("https://10.0.0.7/onvif/sub")
  })

  test.each([["//evil.example/x"], ["javascript:alert(1)"], ["file:///etc/passwd"], [""], ["0"]])(
    "%j is none",
    (text) => {
      expect(reachableUrl(text, own, [])).toBeUndefined()
    }
  )
})
