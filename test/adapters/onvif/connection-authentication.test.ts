import type { ServerResponse } from "node:http"
import { Effect } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import type { Access } from "../../../adapters/onvif/wire/connection.ts"
import {
  access,
  type Answering,
  type Asked,
  callOf,
  callOnce,
  digestProves,
  done,
  envelope,
  failureOf,
  faultOf,
  fetchOf,
  notAuthorized,
  parametersOf,
  say,
  soap12,
  startDevice,
  tokenIn,
  tokenProves,
  type WireDevice,
  withConnection
} from "./wire-device.ts"

const devices: Array<WireDevice> = []

const start = async (answer: Answering): Promise<WireDevice> => {
  const device = await startDevice(answer)
  devices.push(device)
  return device
}

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()))
})

const challenge = (nonce: string, more = ""): string => `Digest realm="camera", nonce="${nonce}", qop="auth"${more}`

const ask = (response: ServerResponse, ...challenges: ReadonlyArray<string>): void =>
  say(response, 401, "", { "WWW-Authenticate": challenges })

const proved = (asked: Asked): boolean => digestProves(asked, "admin", "camera-pass")

const nonceOf = ({ authorization }: Asked): string | undefined => parametersOf(authorization)["nonce"]

const kinds = (device: WireDevice): ReadonlyArray<string> =>
  device.asked.map((asked) => {
    const both = [
      ...(asked.authorization === undefined ? [] : [asked.authorization.split(" ")[0]]),
      ...(tokenIn(asked) === undefined ? [] : ["token"])
    ]
    return both.length === 0 ? "bare" : both.join("+")
  })

const calls = (url: string, times: number, who: Access = access) =>
  withConnection(who, (connection) => Effect.forEach(Array.from({ length: times }), () => connection.call(callOf(url))))

describe("a device that asks for HTTP digest", () => {
  it("gets it, and the same nonce serves further calls without another round trip", async () => {
    const device = await start((asked, response) => (proved(asked) ? done(response) : ask(response, challenge("n"))))
    await calls(device.url, 3)
    expect(kinds(device)).toEqual(["bare", "Digest", "Digest", "Digest"])
    expect(device.asked.slice(1).map(({ authorization }) => parametersOf(authorization)["nc"])).toEqual([
      "00000001",
      "00000002",
      "00000003"
    ])
  })

  it("gets no WS-UsernameToken beside it", async () => {
    const device = await start((asked, response) =>
      proved(asked) ? say(response, 400, notAuthorized) : ask(response, challenge("n"))
    )
    const failure = await failureOf(device.url)
    expect(kinds(device)).toEqual(["bare", "Digest"])
    expect(failure).toMatchObject({ kind: "unauthorized", fault: { subcodes: ["NotAuthorized"] } })
    expect(failure.reason).toBe(
      'the device lets the user "admin" in but not do this ("Sender not authorized"): give the user a higher level there'
    )
  })

  it("may let a nonce grow stale: the call goes out again with the new one", async () => {
    const device = await start((asked, response, nth) => {
      if (nth === 3) ask(response, challenge("second", ", stale=true"))
      else if (proved(asked)) done(response)
      else ask(response, challenge("first"))
    })
    await calls(device.url, 2)
    expect(device.asked.map(nonceOf)).toEqual([undefined, "first", "first", "second"])
    expect(parametersOf(device.asked[3]!.authorization)["nc"]).toBe("00000001")
  })

  it("may give the next nonce with its answer, which the next call uses", async () => {
    const device = await start((asked, response, nth) =>
      proved(asked)
        ? done(response, { "Authentication-Info": `nextnonce="next-${nth}"` })
        : ask(response, challenge("first"))
    )
    await calls(device.url, 3)
    expect(device.asked.map(nonceOf)).toEqual([undefined, "first", "next-2", "next-3"])
  })

  it("that forgets each nonce is asked for one first, before it counts our calls as failed logins", async () => {
    let given = ""
    const device = await start((asked, response, nth) => {
      if (proved(asked) && nonceOf(asked) === given) {
        given = ""
        return done(response)
      }
      given = `n${nth}`
      return ask(response, challenge(given))
    })
    await calls(device.url, 5)
    expect(kinds(device)).toEqual([
      "bare",
      "Digest",
      // Kept nonces, forgotten twice:
      "Digest",
      "Digest",
      "Digest",
      "Digest",
      // From then on one is asked for.
      "bare",
      "Digest",
      "bare",
      "Digest"
    ])
  })

  it("that calls every nonce stale is not asked on and on", async () => {
    const device = await start((_, response, nth) => ask(response, challenge(`n${nth}`, ", stale=true")))
    expect(await failureOf(device.url)).toMatchObject({ kind: "http", status: 401 })
    expect(device.asked).toHaveLength(5)
  })

  it("and refuses us is told our name once only, and the person what to check", async () => {
    const device = await start((_, response, nth) => ask(response, challenge(`n${nth}`)))
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject({ kind: "unauthorized", status: 401 })
    expect(failure.reason).toBe(
      'the device refuses the user "admin": check the password and that the ONVIF user exists (cameras keep a list of their own)'
    )
    expect(kinds(device)).toEqual(["bare", "Digest"])
  })

  it("that refuses us later, when the password was changed, is told twice: the nonce may have been too old", async () => {
    let password = "camera-pass"
    const device = await start((asked, response, nth) =>
      digestProves(asked, "admin", password) ? done(response) : ask(response, challenge(`n${nth}`))
    )
    const failure = await withConnection(access, (connection) =>
      Effect.gen(function* () {
        yield* connection.call(callOf(device.url))
        password = "changed"
        return yield* Effect.flip(connection.call(callOf(device.url)))
      })
    )
    expect(failure.kind).toBe("unauthorized")
    expect(kinds(device)).toEqual(["bare", "Digest", "Digest", "Digest"])
  })

  it("serves calls side by side", async () => {
    const seen = new Set<string>()
    const device = await start((asked, response) => {
      const { nonce, nc } = parametersOf(asked.authorization)
      const fresh = !seen.has(`${nonce} ${nc}`)
      seen.add(`${nonce} ${nc}`)
      if (proved(asked) && fresh) done(response)
      else ask(response, challenge("n", ", stale=true"))
    })
    const answers = await withConnection(access, (connection) =>
      connection.call(callOf(device.url)).pipe(
        Effect.andThen(
          Effect.forEach(Array.from({ length: 10 }), () => connection.call(callOf(device.url)), {
            concurrency: "unbounded"
          })
        )
      )
    )
    expect(answers).toHaveLength(10)
    expect(device.asked).toHaveLength(12)
  })

  it("gets SHA-256 rather than MD5 where it offers both", async () => {
    const device = await start((asked, response) =>
      asked.authorization === undefined
        ? ask(response, challenge("m", ", algorithm=MD5"), challenge("s", ", algorithm=SHA-256"))
        : done(response)
    )
    await calls(device.url, 1)
    expect(parametersOf(device.asked[1]!.authorization)).toMatchObject({ algorithm: "SHA-256", nonce: "s" })
  })

  it("gets it for files too, over the path with its query", async () => {
    const device = await start((asked, response) =>
      proved(asked) ? say(response, 200, "jpeg") : ask(response, challenge("n"))
    )
    const { bytes } = await Effect.runPromise(fetchOf(`${device.url}?channel=1`))
    expect(Buffer.from(bytes).toString()).toBe("jpeg")
    expect(kinds(device)).toEqual(["bare", "Digest"])
  })

  it("with auth-int alone gets the hash of what is sent", async () => {
    const device = await start((asked, response) =>
      asked.authorization === undefined
        ? ask(response, 'Digest realm="camera", nonce="n", qop="auth-int"')
        : done(response)
    )
    await calls(device.url, 1)
    expect(parametersOf(device.asked[1]!.authorization)["qop"]).toBe("auth-int")
    expect(device.asked[1]!.body).toBe(device.asked[0]!.body)
  })
})

describe("a device that knows WS-UsernameToken only", () => {
  it.each([
    ["HTTP 400 and NotAuthorized", 400, notAuthorized],
    ["HTTP 500 and a failed check", 500, faultOf("Sender", "FailedAuthentication", "no")],
    ["HTTP 200 and NotAuthorized", 200, notAuthorized],
    ["HTTP 401 and no challenge", 401, notAuthorized]
  ])("and says so by %s gets one, fresh each time, from the first request on", async (_, status, fault) => {
    const device = await start((asked, response) =>
      tokenProves(asked, "camera-pass") ? done(response) : say(response, status, fault)
    )
    await calls(device.url, 3)
    expect(kinds(device)).toEqual(["bare", "token", "token", "token"])
    const nonces = device.asked.slice(1).map((asked) => tokenIn(asked)?.nonce)
    expect(new Set(nonces).size).toBe(3)
  })

  it("beside Basic in the clear gets it: no password goes over a plain connection", async () => {
    const device = await start((asked, response) =>
      tokenProves(asked, "camera-pass") ? done(response) : ask(response, 'Basic realm="camera"')
    )
    await calls(device.url, 1)
    expect(kinds(device)).toEqual(["bare", "token"])
  })

  it("gets the time by its own clock", async () => {
    const device = await start((asked, response) =>
      tokenProves(asked, "camera-pass") ? done(response) : say(response, 400, notAuthorized)
    )
    const before = Date.now()
    await withConnection(access, (connection) => {
      connection.setClockOffset(-3_600_000)
      return connection.call(callOf(device.url))
    })
    const created = Date.parse(tokenIn(device.asked[1]!)!.created)
    expect(created).toBeGreaterThanOrEqual(before - 3_600_000)
    expect(created).toBeLessThanOrEqual(Date.now() - 3_600_000)
  })

  it("and shows another clock than it checks by is told the time by ours, from then on", async () => {
    const device = await start((asked, response) => {
      const created = Date.parse(tokenIn(asked)?.created ?? "")
      const fresh = Math.abs(created - Date.now()) < 300_000
      return fresh && tokenProves(asked, "camera-pass") ? done(response) : say(response, 400, notAuthorized)
    })
    await withConnection(access, (connection) => {
      connection.setClockOffset(36_000_000)
      const call = connection.call(callOf(device.url))
      return Effect.andThen(call, call)
    })
    expect(kinds(device)).toEqual(["bare", "token", "token", "token"])
  })

  it("and refuses us by either clock is not asked on", async () => {
    const device = await start((_, response) => say(response, 400, notAuthorized))
    const failure = await withConnection(access, (connection) => {
      connection.setClockOffset(36_000_000)
      return Effect.flip(connection.call(callOf(device.url)))
    })
    expect(failure.kind).toBe("unauthorized")
    expect(kinds(device)).toEqual(["bare", "token", "token"])
  })

  it("and refuses us is told our name once, and the person what to check", async () => {
    const device = await start((_, response) => say(response, 400, notAuthorized))
    const failure = await failureOf(device.url)
    expect(failure).toMatchObject({ kind: "unauthorized", status: 400, fault: { subcodes: ["NotAuthorized"] } })
    expect(failure.reason).toContain('refuses the user "admin": check the password')
    expect(failure.reason).toContain("that its clock was not changed")
    expect(kinds(device)).toEqual(["bare", "token"])
  })

  it("and sends our header back in its refusal has it redacted in what is kept", async () => {
    const device = await start((asked, response) => {
      const header = /<wsse:Security.*<\/wsse:Security>/.exec(asked.body)?.[0] ?? ""
      const body = /<s:Fault>.*<\/s:Fault>/.exec(notAuthorized)![0]
      say(response, 400, envelope(body, header))
    })
    const { raw } = await failureOf(device.url)
    expect(raw).toContain("<wsse:Username>admin</wsse:Username>")
    expect(raw).not.toContain(tokenIn(device.asked[1]!)!.nonce)
    expect(raw).toContain(`xmlns:s="${soap12}"`)
  })

  it("learns digest by an update, and gets that from then on", async () => {
    const device = await start((asked, response, nth) => {
      if (nth <= 2) return tokenProves(asked, "camera-pass") ? done(response) : say(response, 400, notAuthorized)
      return proved(asked) ? done(response) : ask(response, challenge("n"))
    })
    await calls(device.url, 3)
    expect(kinds(device)).toEqual(["bare", "token", "token", "Digest", "Digest"])
  })

  it("cannot be shown who we are for a file, and the person is told why", async () => {
    const device = await start((_, response) => ask(response, 'Basic realm="camera"'))
    const failure = await Effect.runPromise(Effect.flip(fetchOf(device.url)))
    expect(failure.kind).toBe("unauthorized")
    expect(failure.reason).toContain("offers no HTTP digest (it offers basic)")
    expect(kinds(device)).toEqual(["bare"])
  })
})

describe("who we are", () => {
  it("is not told for the clock, unless the device asks even there", async () => {
    const device = await start((asked, response, nth) => {
      if (proved(asked) || nth === 3) done(response)
      else ask(response, challenge("n"))
    })
    await withConnection(access, (connection) =>
      connection
        .call(callOf(device.url, { anonymous: true }))
        .pipe(Effect.andThen(connection.call(callOf(device.url, { anonymous: true }))))
    )
    expect(kinds(device)).toEqual(["bare", "Digest", "bare"])
  })

  it("is asked of a person where it is not configured", async () => {
    const digest = await start((_, response) => ask(response, challenge("n")))
    const token = await start((_, response) => say(response, 400, notAuthorized))
    for (const device of [digest, token]) {
      const failure = await failureOf(device.url, { authentication: "auto" })
      expect(failure).toMatchObject({ kind: "unauthorized", reason: expect.stringContaining("configure a user name") })
      expect(kinds(device)).toEqual(["bare"])
    }
  })

  it("is told by digest alone where that is configured", async () => {
    const device = await start((_, response) => say(response, 400, notAuthorized))
    const failure = await failureOf(device.url, { ...access, authentication: "digest" })
    expect(failure.reason).toContain("offers no HTTP digest (it offers WS-UsernameToken only)")
    expect(kinds(device)).toEqual(["bare"])
  })

  it("is told by WS-UsernameToken alone where that is configured, from the first request on", async () => {
    const device = await start((_, response) => ask(response, challenge("n")))
    const failure = await failureOf(device.url, { ...access, authentication: "username-token" })
    expect(failure.kind).toBe("unauthorized")
    expect(kinds(device)).toEqual(["token"])
  })

  it("may have any characters", async () => {
    const who: Access = { username: 'J\u00f8rg & "Co"', password: "p\u00e4ss\u95e8", authentication: "username-token" }
    const device = await start((asked, response) =>
      tokenProves(asked, "p\u00e4ss\u95e8") ? done(response) : say(response, 400, notAuthorized)
    )
    await callOnce(device.url, who)
    expect(device.asked[0]!.body).toContain("J\u00f8rg &amp; &quot;Co&quot;</wsse:Username>")
    const digest = await start((asked, response) =>
      asked.authorization === undefined ? ask(response, challenge("n")) : done(response)
    )
    await callOnce(digest.url, { ...who, authentication: "digest" })
    const sent = Buffer.from(digest.asked[1]!.authorization!, "latin1").toString("utf8")
    expect(sent).toContain('username="J\u00f8rg & \\"Co\\""')
  })

  it("is not taken from an address, where it would go out in the clear", async () => {
    const device = await start((_, response) => done(response))
    await callOnce(device.url.replace("://", "://root:secret@"), { authentication: "auto" })
    expect(kinds(device)).toEqual(["bare"])
  })

  it("is proved anew on another host: a nonce is good where it was given", async () => {
    const answer: Answering = (asked, response) => (proved(asked) ? done(response) : ask(response, challenge("n")))
    const one = await start(answer)
    const other = await start(answer)
    await withConnection(access, (connection) =>
      connection.call(callOf(one.url)).pipe(Effect.andThen(connection.call(callOf(other.url))))
    )
    expect([kinds(one), kinds(other)]).toEqual([
      ["bare", "Digest"],
      ["bare", "Digest"]
    ])
  })
})
