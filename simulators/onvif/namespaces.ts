/** Namespaces of the standards an ONVIF device speaks, by the prefix the ONVIF specifications give them. */
export const namespaces = {
  env: "http://www.w3.org/2003/05/soap-envelope",
  wsa: "http://www.w3.org/2005/08/addressing",
  wsnt: "http://docs.oasis-open.org/wsn/b-2",
  wstop: "http://docs.oasis-open.org/wsn/t-1",
  "wsrf-bf": "http://docs.oasis-open.org/wsrf/bf-2",
  "wsrf-r": "http://docs.oasis-open.org/wsrf/r-2",
  wsse: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
  wsu: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
  xs: "http://www.w3.org/2001/XMLSchema",
  xsi: "http://www.w3.org/2001/XMLSchema-instance",
  tt: "http://www.onvif.org/ver10/schema",
  ter: "http://www.onvif.org/ver10/error",
  tns1: "http://www.onvif.org/ver10/topics",
  pt: "http://www.onvif.org/ver10/pacs",
  tds: "http://www.onvif.org/ver10/device/wsdl",
  tev: "http://www.onvif.org/ver10/events/wsdl",
  trt: "http://www.onvif.org/ver10/media/wsdl",
  tac: "http://www.onvif.org/ver10/accesscontrol/wsdl",
  tdc: "http://www.onvif.org/ver10/doorcontrol/wsdl",
  tcr: "http://www.onvif.org/ver10/credential/wsdl",
  d: "http://schemas.xmlsoap.org/ws/2005/04/discovery",
  "wsa-04": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
  dn: "http://www.onvif.org/ver10/network/wsdl",
  tnsaxis: "http://www.axis.com/2009/event/topics",
  tnshik: "http://www.hikvision.com/2011/event/topics",
  tnssamsung: "http://www.samsungcctv.com/2011/event/topics"
} as const

export type Prefix = keyof typeof namespaces
