/** Reads a QR code from an image, the camera or the screen: BarcodeDetector where the browser has it, else `qr`. */

interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

declare global {
  interface Window {
    BarcodeDetector?: {
      new (options: { formats: string[] }): Detector;
      getSupportedFormats(): Promise<string[]>;
    };
  }
}

const PAUSE_MS = 120; // between two looks at a moving picture
const LONGEST_EDGE = 1600; // a decoder gains nothing from more pixels

/** The code's text; null when the picture shows none. */
export async function readQr(source: ImageBitmap | HTMLVideoElement): Promise<string | null> {
  const native = window.BarcodeDetector;
  if (native && (await native.getSupportedFormats()).includes("qr_code")) {
    const [found] = await new native({ formats: ["qr_code"] }).detect(source);
    if (found) return found.rawValue;
  }
  const { default: decodeQR } = await import("qr/decode.js");
  try {
    return decodeQR(pixels(source)) || null;
  } catch {
    return null; // no code in the picture
  }
}

export async function readQrFile(file: Blob): Promise<string | null> {
  const image = await createImageBitmap(file);
  try {
    return await readQr(image);
  } finally {
    image.close();
  }
}

/** Looks at the camera or a shared screen until a code shows; `stop` ends it. */
export async function watchQr(kind: "camera" | "screen", stop: AbortSignal): Promise<string | null> {
  const stream =
    kind === "camera"
      ? await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } })
      : await navigator.mediaDevices.getDisplayMedia({
          video: { displaySurface: "browser" },
          preferCurrentTab: true,
        } as DisplayMediaStreamOptions);
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  try {
    await video.play();
    while (!stop.aborted && stream.active) {
      const text = video.videoWidth ? await readQr(video) : null;
      if (text) return text;
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

function pixels(source: ImageBitmap | HTMLVideoElement): ImageData {
  const width = source instanceof HTMLVideoElement ? source.videoWidth : source.width;
  const height = source instanceof HTMLVideoElement ? source.videoHeight : source.height;
  const scale = Math.min(1, LONGEST_EDGE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas in this browser");
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
