/**
 * Pictures: decoding, sizes and colours, the field's exact resizing and smoothing, encoding, overlays.
 *
 * Only `codec` needs libvips, through sharp in Node and in WebAssembly in a browser; the rest is plain
 * arithmetic on typed arrays.
 */

export type { ImageFormat, ImageHeader, Image, Orientation, Uint8Image } from './image.ts'
export type { ImageSource } from './source.ts'
export { decodeImage, defaultMaxPixels } from './decode.ts'
export type { DecodeOptions } from './decode.ts'
export { defaultHeldPixels, openPicture } from './picture.ts'
export type { Picture, PictureOptions } from './picture.ts'
export { readImageHeader } from './header.ts'
export type { HeaderOptions } from './header.ts'
export { swapRedBlue, toGrey8, toRgb8 } from './colour.ts'
export type { DepthOptions } from './colour.ts'

export { resizeBilinear, resizePlane } from './resize.ts'
export { resizeNearest } from './nearest.ts'
export type { NearestRule } from './nearest.ts'
export { centreCrop, centreCropStart, resizeShortSide, shortSideSize } from './crop.ts'
export type { SizedPixels } from './crop.ts'
export { interpolateBilinear } from './interpolate.ts'
export type { InterpolateOptions } from './interpolate.ts'
export { resizeLinearOpenCv, resizePlaneLinearOpenCv } from './resize-opencv.ts'
export { zoomedLength, zoomLinear } from './zoom.ts'
export type { ZoomOptions } from './zoom.ts'

export { gaussianFilter, gaussianKernel, smoothInpMap, squareGaussianKernel } from './gaussian.ts'
export { dilate, erode } from './morphology.ts'
export type { KernelSize } from './morphology.ts'

export { encodeJpeg, encodeMaskPng, encodePng, encodeWebp } from './encode.ts'
export type { JpegOptions, PngOptions } from './encode.ts'
export { decodeFloatTiff, encodeFloatTiff, readFloatTiffHeader } from './float-tiff.ts'
export type { FloatPlane, FloatTiffHeader, FloatTiffOptions } from './float-tiff.ts'

export { createHeatScale, faintestValue, heatColourAt, thresholdValue } from './colour-scale.ts'
export type { ColourScale } from './colour-scale.ts'
export { drawContour } from './contour.ts'
export type { ContourOptions } from './contour.ts'
export { drawOverlay, paintHeatMap } from './overlay.ts'
export type { HeatMapOptions, OverlayLayers, OverlayOptions } from './overlay.ts'
export { roundHalfEven } from './rounding.ts'
