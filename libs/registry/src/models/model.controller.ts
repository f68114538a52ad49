import { type Actor, CurrentActor, visible } from '@castellan/access';
import { CreateModel as CreateModelRequest, Model, ModelList } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { RegistryError } from '../registry-error.js';
import { CreateModel } from './create-model.js';
import { ModelStore } from './model-store.js';
import { showModel } from './show-model.js';

@Controller('api/v1/models')
export class ModelController {
  constructor(
    private readonly createModel: CreateModel,
    private readonly models: ModelStore,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:Model',
    summary: 'Create a model',
    input: CreateModelRequest,
    output: Model,
    status: 201,
  })
  async create(@Body() request: CreateModelRequest, @CurrentActor() actor: Actor): Promise<Model> {
    return showModel(await this.createModel.execute(actor, request));
  }

  @Get()
  @Endpoint({ permission: 'read:Model', summary: 'List models', output: ModelList })
  async list(@CurrentActor() actor: Actor): Promise<ModelList> {
    const models = await this.models.visible(visible(actor, 'Model'));
    return { models: models.map(showModel) };
  }

  @Get(':model')
  @Endpoint({ permission: 'read:Model', summary: 'Show a model, by name or id', output: Model })
  async show(@Param('model') ref: string, @CurrentActor() actor: Actor): Promise<Model> {
    const model = await this.models.visibleByNameOrId(visible(actor, 'Model'), ref);
    if (model === null) throw modelUnknown(ref);
    return showModel(model);
  }
}

export function modelUnknown(ref: string): RegistryError {
  return new RegistryError('model_unknown', {
    kind: 'not_found',
    publicDetail: `There is no model "${ref}".`,
  });
}
