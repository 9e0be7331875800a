import type { DeviceContext, Service } from "./device-context.ts"
import { namespaces } from "./namespaces.ts"
import type { VideoSource } from "./options.ts"
import { pictureSize } from "./scene.ts"
import { failed, faults as soapFaults, type Outcome } from "./soap.ts"
import { element, join, leaf, type Xml } from "./xml.ts"
import { textOf } from "./xml-node.ts"

const { width, height } = pictureSize

/** Frames a second of the stream that the profile describes. */
const framesPerSecond = 25

export const profileTokenOf = (source: VideoSource): string => `profile-${source.token}`
const configurationTokenOf = (source: VideoSource): string => `config-${source.token}`

/** Where the picture of a video source is. */
export const snapshotPath = "/onvif/snapshot"

const sourceConfigurationXml = (name: string, source: VideoSource): Xml =>
  element(
    name,
    { token: configurationTokenOf(source) },
    leaf("tt:Name", source.name),
    leaf("tt:UseCount", 1),
    leaf("tt:SourceToken", source.token),
    element("tt:Bounds", { x: 0, y: 0, width, height })
  )

const multicast: Xml = element(
  "tt:Multicast",
  {},
  element("tt:Address", {}, leaf("tt:Type", "IPv4"), leaf("tt:IPv4Address", "0.0.0.0")),
  leaf("tt:Port", 0),
  leaf("tt:TTL", 1),
  leaf("tt:AutoStart", false)
)

const encoderConfigurationXml = (source: VideoSource): Xml =>
  element(
    "tt:VideoEncoderConfiguration",
    { token: `encoder-${source.token}` },
    leaf("tt:Name", "JPEG"),
    leaf("tt:UseCount", 1),
    leaf("tt:Encoding", "JPEG"),
    element("tt:Resolution", {}, leaf("tt:Width", width), leaf("tt:Height", height)),
    leaf("tt:Quality", 50),
    element(
      "tt:RateControl",
      {},
      leaf("tt:FrameRateLimit", framesPerSecond),
      leaf("tt:EncodingInterval", 1),
      leaf("tt:BitrateLimit", 4096)
    ),
    multicast,
    leaf("tt:SessionTimeout", "PT60S")
  )

const profileXml = (name: string, source: VideoSource): Xml =>
  element(
    name,
    { token: profileTokenOf(source), fixed: true },
    leaf("tt:Name", source.name),
    sourceConfigurationXml("tt:VideoSourceConfiguration", source),
    encoderConfigurationXml(source)
  )

export const mediaCapabilities: Xml = element(
  "trt:Capabilities",
  { SnapshotUri: true, Rotation: false, VideoSourceMode: false, OSD: false },
  element("trt:ProfileCapabilities", { MaximumNumberOfProfiles: 8 }),
  element("trt:StreamingCapabilities", { RTPMulticast: false, RTP_TCP: true, RTP_RTSP_TCP: true })
)

const mediaUri = (operation: string, uri: string, invalidAfterReboot = false): Xml =>
  element(
    `trt:${operation}Response`,
    {},
    element(
      "trt:MediaUri",
      {},
      leaf("tt:Uri", uri),
      leaf("tt:InvalidAfterConnect", false),
      leaf("tt:InvalidAfterReboot", invalidAfterReboot),
      leaf("tt:Timeout", "PT0S")
    )
  )

/** The media service (ONVIF Media), as far as it leads to a picture. No stream is behind the stream's address. */
export const mediaService = (context: DeviceContext): Service => {
  const { videoSources } = context.options
  const response = (operation: string, ...inside: ReadonlyArray<Xml>): Xml =>
    element(`trt:${operation}Response`, {}, ...inside)
  const ofProfile = (body: Parameters<typeof textOf>[0], act: (source: VideoSource) => Xml): Xml | Outcome => {
    const token = textOf(body, "ProfileToken")
    const source = videoSources.find((candidate) => profileTokenOf(candidate) === token)
    return source === undefined ? failed(soapFaults.invalidArgVal("NoProfile", "Profile does not exist")) : act(source)
  }
  return {
    namespace: namespaces.trt,
    path: "/onvif/media_service",
    actionOf: (operation) => `${namespaces.trt}/Media/${operation}`,
    operations: {
      GetServiceCapabilities: () => response("GetServiceCapabilities", mediaCapabilities),
      GetProfiles: () =>
        response("GetProfiles", join(videoSources.map((source) => profileXml("trt:Profiles", source)))),
      GetProfile: ({ request }) =>
        ofProfile(request.body, (source) => response("GetProfile", profileXml("trt:Profile", source))),
      GetVideoSources: () =>
        response(
          "GetVideoSources",
          ...videoSources.map(({ token }) =>
            element(
              "trt:VideoSources",
              { token },
              leaf("tt:Framerate", framesPerSecond),
              element("tt:Resolution", {}, leaf("tt:Width", width), leaf("tt:Height", height))
            )
          )
        ),
      GetVideoSourceConfigurations: () =>
        response(
          "GetVideoSourceConfigurations",
          ...videoSources.map((source) => sourceConfigurationXml("trt:Configurations", source))
        ),
      GetSnapshotUri: ({ request }) =>
        ofProfile(request.body, ({ token }) => {
          const { snapshotMoves } = context.faults()
          const boot = snapshotMoves ? `?boot=${context.memory.boots}` : ""
          const uri = `${context.base()}${snapshotPath}/${encodeURIComponent(token)}${boot}`
          return mediaUri("GetSnapshotUri", uri, snapshotMoves)
        }),
      GetStreamUri: ({ request }) =>
        ofProfile(request.body, ({ token }) =>
          mediaUri("GetStreamUri", `rtsp://${context.options.host}:554/${encodeURIComponent(token)}`)
        )
    }
  }
}
