import { BaseModel } from '../training/base-model.js';
import type { BaseExpectation, BaseFit } from '../training/fit-base.js';

/** What `fitBaseApart` does, without a thread. */
export async function fitBaseHere(file: Uint8Array, expected: BaseExpectation): Promise<BaseFit> {
  const model = await BaseModel.open(file, expected);
  try {
    return model.fit;
  } finally {
    model.dispose();
  }
}
