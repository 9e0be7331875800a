import { Result, Schema } from "effect"
import {
  coerceLocalizedText,
  coerceNodeId,
  coerceQualifiedName,
  DataType,
  StatusCodes,
  Variant,
  VariantArrayType
} from "node-opcua"
import { describe, expect, it } from "vitest"
import { failureOf, refusedBy } from "../../../adapters/opcua/session/failures.ts"
import { nameOfNode, nodeIdOf, nodeNameProblem } from "../../../adapters/opcua/nodes/node-names.ts"
import { hasOverflow, plainVariant, severityOf, timeOf } from "../../../adapters/opcua/nodes/plain.ts"
import { OpcuaSettings, priorityOf, weaknessesOf } from "../../../adapters/opcua/settings.ts"

const namespaces = ["http://opcfoundation.org/UA/", "urn:server", "urn:campus:panel"]

const plain = (dataType: DataType, value: unknown, arrayType = VariantArrayType.Scalar) =>
  plainVariant(new Variant({ dataType, value, arrayType }), namespaces)

describe("a value of a panel", () => {
  it.each([
    ["a truth", DataType.Boolean, true, true],
    ["an integer", DataType.Int32, -5, -5],
    ["a float that is none", DataType.Double, Number.NaN, null],
    ["a large integer", DataType.UInt64, [1, 5], 4_294_967_301],
    ["an integer too large for a number", DataType.UInt64, [0xffff_ffff, 0xffff_ffff], "18446744073709551615"],
    ["a negative large integer", DataType.Int64, [0xffff_ffff, 0xffff_fffe], -2],
    ["a time", DataType.DateTime, new Date("2026-05-01T10:00:00Z"), "2026-05-01T10:00:00.000Z"],
    ["no time", DataType.DateTime, new Date(Date.UTC(1601, 0, 1)), null],
    ["bytes", DataType.ByteString, Buffer.from([0, 255]), "00ff"],
    ["a text", DataType.LocalizedText, coerceLocalizedText("Tür"), "Tür"],
    ["a name", DataType.QualifiedName, coerceQualifiedName({ namespaceIndex: 1, name: "Door" }), "Door"],
    ["a node", DataType.NodeId, coerceNodeId("ns=2;s=Door1"), "nsu=urn:campus:panel;s=Door1"],
    ["nothing", DataType.Null, null, null]
  ])("is readable by anybody: %s", (_, dataType, value, expected) => {
    expect(plain(dataType, value)).toEqual(expected)
  })

  it("may be many", () => {
    expect(plain(DataType.UInt16, new Uint16Array([1, 2]), VariantArrayType.Array)).toEqual([1, 2])
    expect(
      plain(
        DataType.Int64,
        [
          [0, 1],
          [0, 2]
        ],
        VariantArrayType.Array
      )
    ).toEqual([1, 2])
    expect(plain(DataType.String, ["a", null], VariantArrayType.Array)).toEqual(["a", null])
  })

  it("has a quality by the two upper bits of its status, and a bit for what ran over", () => {
    expect(severityOf(StatusCodes.Good.value)).toBe("good")
    expect(severityOf(StatusCodes.UncertainInitialValue.value)).toBe("uncertain")
    expect(severityOf(StatusCodes.BadNotConnected.value)).toBe("bad")
    expect(severityOf(0x480)).toBe("good")
    expect(hasOverflow(0x480)).toBe(true)
    expect(hasOverflow(0)).toBe(false)
    expect(hasOverflow(StatusCodes.BadNotConnected.value)).toBe(false)
  })

  it("has no time where the panel's clock has none", () => {
    expect(timeOf(new Date(0))).toBeUndefined()
    expect(timeOf(null)).toBeUndefined()
    expect(timeOf(new Date("2026-05-01T10:00:00Z"))).toBe(Date.UTC(2026, 4, 1, 10))
  })
})

describe("a node's name", () => {
  const library = {
    NodeId: coerceNodeId("i=1").constructor,
    NodeIdType: { NUMERIC: 1, STRING: 2, GUID: 3, BYTESTRING: 4 }
  }
  const nodeOf = (nodeId: string) => nodeIdOf(library as never, namespaces, { nodeId })

  it.each(["i=2253", "nsu=urn:campus:panel;s=Doors/Door1;x", "nsu=urn:server;i=7", "nsu=urn:campus:panel;b=AP8="])(
    "leads to the node and back: %s",
    (name) => {
      const node = nodeOf(name)
      if (typeof node === "string") throw new Error(node)
      expect(nameOfNode(namespaces, node)).toBe(name)
    }
  )

  it("may have a semicolon in its namespace", () => {
    const node = nodeIdOf(library as never, ["", "urn:a;b%c"], { nodeId: "nsu=urn:a%3Bb%25c;i=1" })
    if (typeof node === "string") throw new Error(node)
    expect(nameOfNode(["", "urn:a;b%c"], node)).toBe("nsu=urn:a%3Bb%25c;i=1")
  })

  it("has no index of a namespace, and says why", () => {
    expect(nodeNameProblem("ns=3;s=Door1")).toContain("changes when the server is updated")
    expect(nodeNameProblem("s=Door1")).toContain("has no namespace")
    expect(nodeNameProblem("Door1")).toContain("is no node id")
    expect(nodeNameProblem("nsu=urn:x;i=Door")).toContain("comes a number")
    expect(nodeNameProblem("nsu=urn:x;s=Door")).toBeUndefined()
    expect(nodeOf("nsu=urn:other;s=Door1")).toBe("the server has no namespace urn:other")
  })
})

describe("the settings of a link to a panel", () => {
  const decode = Schema.decodeUnknownResult(OpcuaSettings)
  const settings = (more: Record<string, unknown> = {}) =>
    Result.getOrThrow(decode({ endpoint: "opc.tcp://panel-7:4840", ...more }))

  it("secure the link where nothing else is said", () => {
    expect(settings()).toMatchObject({
      securityMode: "SignAndEncrypt",
      securityPolicy: "Basic256Sha256",
      user: "anonymous",
      pki: "var/pki",
      acknowledge: "none"
    })
  })

  it.each([
    ["a name in the address", { endpoint: "opc.tcp://user:secret@panel-7:4840" }],
    ["another protocol", { endpoint: "http://panel-7:4840" }],
    ["a withdrawn policy", { securityPolicy: "Basic128Rsa15" }],
    ["a password in the file", { user: { username: "gatehouse", password: "secret" } }]
  ])("are refused with %s", (_, more) => {
    expect(Result.isFailure(decode({ endpoint: "opc.tcp://panel-7:4840", ...more }))).toBe(true)
  })

  it("know how weak they are", () => {
    const user = { username: "gatehouse", password: { env: "PANEL" } }
    const weaknesses = (more: Record<string, unknown>) => weaknessesOf(settings(more)).join("\n")
    expect(weaknesses({ user })).toBe("")
    expect(weaknesses({})).toContain("it has no user: the server may refuse")
    expect(weaknesses({ user, securityMode: "None" })).toContain("the password can be had by who sits in between")
    expect(weaknessesOf(settings({ securityMode: "None" }))).toEqual([
      expect.stringContaining("it is not secured"),
      expect.stringContaining("it has no user: the server refuses")
    ])
    for (const endpoint of ["opc.tcp://127.0.0.1:4840", "opc.tcp://localhost", "opc.tcp://[::1]:4840/panel"])
      expect(weaknesses({ user, endpoint, securityMode: "None" })).toBe("")
  })

  it("give every severity a priority, that of 0 the lowest", () => {
    const { severity } = settings()
    expect([0, 1, 400, 401, 600, 601, 801, 1000].map((one) => priorityOf(severity, one))).toEqual([
      4, 4, 4, 3, 3, 2, 1, 1
    ])
    expect(priorityOf([{ from: 500, priority: 2 }], 10)).toBe(2)
  })
})

describe("a failure to connect", () => {
  const attempted = {
    endpoint: "opc.tcp://panel-7:4840",
    securityMode: "Sign",
    securityPolicy: "Basic256Sha256",
    user: "gatehouse",
    ourThumbprint: "00ff"
  }
  const said = (text: string) => {
    const { _tag, reason } = failureOf(refusedBy("the connection", new Error(text)), attempted)
    return `${_tag}: ${reason}`
  }

  it.each([
    ["connect ECONNREFUSED 127.0.0.1:4840", "LinkLost: opc.tcp://panel-7:4840 cannot be reached: nobody listens there"],
    ["getaddrinfo ENOTFOUND panel-7", "LinkLost: opc.tcp://panel-7:4840 cannot be reached: its name is not known"],
    ["ServiceResult is BadTooManySessions (0x80560000)", "it has too many sessions already"],
    [
      "Cannot find USERNAME user token policy in end point description",
      "CredentialsRejected: the server takes no user names"
    ],
    ["BadIdentityTokenRejected (0x80210000)", "CredentialsRejected: the server refuses the user (gatehouse)"],
    [
      "rejected by server: BadSecurityChecksFailed",
      "the server does not trust the gateway's certificate: approve it there (thumbprint 00ff)"
    ],
    ["something new", "LinkLost: opc.tcp://panel-7:4840 cannot be reached: something new"]
  ])("is told in words: %s", (text, expected) => {
    expect(said(text)).toContain(expected)
  })
})
