/**
 * The published weights that Assay knows by name: where they are, whose they are, and what their bytes are.
 *
 * Sizes and sums are those of the files at these addresses, each found in several independent public records;
 * torchvision's begin with the eight digits in its file names. Nothing here is downloaded unless it is asked for.
 */
import { AssayError, suggest } from '@assay/contract'

export interface PublishedWeights {
  /** Lower-case letters, digits and hyphens; also the name of its folder in the cache. */
  readonly id: string
  readonly url: string
  readonly bytes: number
  /** Of the file, in hexadecimal. */
  readonly sha256: string
  /** SPDX identifier. */
  readonly licence: string
  /** Who made them, in what, from which data. */
  readonly origin: string
  /** What a user should know before using them; empty where there is nothing. */
  readonly note: string
}

const torchvision = {
  licence: 'BSD-3-Clause',
  note: 'The licence is that of torchvision; the terms of the ImageNet data may bear on the weights as well.',
}

const meta = { licence: 'Apache-2.0', note: '' }

export const publishedWeights: readonly PublishedWeights[] = [
  {
    id: 'wide-resnet50-2',
    url: 'https://download.pytorch.org/models/wide_resnet50_2-95faca4d.pth',
    bytes: 138_223_492,
    sha256: '95faca4d11227dddf8633dbb5ff6c8a9003c1aa5b8945c73834b8007b10950b8',
    origin: 'torchvision, Wide ResNet-50-2, ImageNet-1k (IMAGENET1K_V1)',
    ...torchvision,
  },
  {
    id: 'resnet18',
    url: 'https://download.pytorch.org/models/resnet18-f37072fd.pth',
    bytes: 46_830_571,
    sha256: 'f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec',
    origin: 'torchvision, ResNet-18, ImageNet-1k (IMAGENET1K_V1)',
    ...torchvision,
  },
  {
    id: 'resnet34',
    url: 'https://download.pytorch.org/models/resnet34-b627a593.pth',
    bytes: 87_319_819,
    sha256: 'b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f',
    origin: 'torchvision, ResNet-34, ImageNet-1k (IMAGENET1K_V1)',
    ...torchvision,
  },
  {
    id: 'resnet50',
    url: 'https://download.pytorch.org/models/resnet50-0676ba61.pth',
    bytes: 102_530_333,
    sha256: '0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a',
    origin: 'torchvision, ResNet-50, ImageNet-1k (IMAGENET1K_V1)',
    ...torchvision,
  },
  {
    id: 'dinov2-vit-s14',
    url: 'https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth',
    bytes: 88_283_115,
    sha256: 'b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9',
    origin: 'Meta AI, DINOv2 ViT-S/14, LVD-142M',
    ...meta,
  },
  {
    id: 'dinov2-vit-b14',
    url: 'https://dl.fbaipublicfiles.com/dinov2/dinov2_vitb14/dinov2_vitb14_pretrain.pth',
    bytes: 346_378_731,
    sha256: '0b8b82f85de91b424aded121c7e1dcc2b7bc6d0adeea651bf73a13307fad8c73',
    origin: 'Meta AI, DINOv2 ViT-B/14, LVD-142M',
    ...meta,
  },
  {
    id: 'dinov2-vit-l14',
    url: 'https://dl.fbaipublicfiles.com/dinov2/dinov2_vitl14/dinov2_vitl14_pretrain.pth',
    bytes: 1_217_586_395,
    sha256: 'd5383ea8f4877b2472eb973e0fd72d557c7da5d3611bd527ceeb1d7162cbf428',
    origin: 'Meta AI, DINOv2 ViT-L/14, LVD-142M',
    ...meta,
  },
  {
    id: 'dinov2reg-vit-s14',
    url: 'https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_reg4_pretrain.pth',
    bytes: 88_291_785,
    sha256: 'f433177089a681826f849f194ece3bb48f4d63fb38d32fc837e3dc7a4e5641fb',
    origin: 'Meta AI, DINOv2 ViT-S/14 with four registers, LVD-142M',
    ...meta,
  },
  {
    id: 'dinov2reg-vit-b14',
    url: 'https://dl.fbaipublicfiles.com/dinov2/dinov2_vitb14/dinov2_vitb14_reg4_pretrain.pth',
    bytes: 346_393_545,
    sha256: '73182a088cf94833c94b1666d1c99e02fe87e2007bff57b564fb6206e25dba71',
    origin: 'Meta AI, DINOv2 ViT-B/14 with four registers, LVD-142M',
    ...meta,
  },
  {
    id: 'dinov2reg-vit-l14',
    url: 'https://dl.fbaipublicfiles.com/dinov2/dinov2_vitl14/dinov2_vitl14_reg4_pretrain.pth',
    bytes: 1_217_607_321,
    sha256: '36e4deffbaef061a2576705b0c36f93621e2ae20bf6274694821b0b492551b51',
    origin: 'Meta AI, DINOv2 ViT-L/14 with four registers, LVD-142M',
    ...meta,
  },
  {
    id: 'sam-vit-b',
    url: 'https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth',
    bytes: 375_042_383,
    sha256: 'ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912',
    origin: 'Meta AI, Segment Anything ViT-B, SA-1B',
    ...meta,
  },
  {
    id: 'sam-vit-l',
    url: 'https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth',
    bytes: 1_249_524_607,
    sha256: '3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622',
    origin: 'Meta AI, Segment Anything ViT-L, SA-1B',
    ...meta,
  },
  {
    id: 'sam-vit-h',
    url: 'https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth',
    bytes: 2_564_550_879,
    sha256: 'a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e',
    origin: 'Meta AI, Segment Anything ViT-H, SA-1B',
    ...meta,
  },
]

/** Looks published weights up by id, in this list or another; WEIGHTS_UNKNOWN names the nearest. */
export function findPublished(
  id: string,
  among: readonly PublishedWeights[] = publishedWeights,
): PublishedWeights {
  const found = among.find((entry) => entry.id === id)
  if (found !== undefined) return found
  const known = among.map((entry) => entry.id)
  throw new AssayError('WEIGHTS_UNKNOWN', { weights: id, known, suggestion: suggest(id, known) })
}

/** WEIGHTS_MISSING for published weights: how to get them, with internet and without. */
export function missingWeights(
  id: string,
  among: readonly PublishedWeights[] = publishedWeights,
): AssayError {
  const { url, bytes, licence } = findPublished(id, among)
  return new AssayError('WEIGHTS_MISSING', {
    weights: id,
    url,
    megabytes: Math.round(bytes / 1e6),
    licence,
  })
}

/** The last part of the address: what a browser would call the file. */
export function fileNameOf(entry: PublishedWeights): string {
  return new URL(entry.url).pathname.split('/').at(-1) ?? entry.id
}
