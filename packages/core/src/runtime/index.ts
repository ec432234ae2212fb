export {
  chooseDevice,
  listDevices,
  type Device,
  type DeviceName,
  type DeviceOptions,
  type DeviceRequest,
} from './device.ts'
export { runtimeVersion } from './session.ts'
export {
  openSession,
  openStatefulSession,
  type Feeds,
  type Session,
  type StatefulSession,
} from './session.ts'
