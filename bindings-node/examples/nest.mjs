var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
// NestJS: `rawBody: true` keeps the bytes; the controller hands request and response to the adapter.
import 'reflect-metadata';
import { Body, Controller, HttpCode, HttpException, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { notificationReplies, express as wechatpayNotification, readNotification } from 'wechatpay-rs/http';
export function createApp(client, store) {
    const notify = wechatpayNotification(client, async (notification) => {
        if (notification.type !== 'payments.transaction')
            throw new Error(`not understood: ${notification.event_type}`);
        await store(notification.resource);
    });
    let ShopController = class ShopController {
        notify(req, res) {
            return notify(req, res);
        }
        /** The same by hand, with Nest's own way to answer. Nest's usual 201 is no answer that WeChat Pay takes for "stored". */
        async byHand(req) {
            const notification = await readNotification(client, req).catch((error) => {
                const { status, body } = error.notificationReply ?? notificationReplies.handlerFailed;
                throw new HttpException(JSON.parse(body), status);
            });
            if (notification.type !== 'payments.transaction')
                throw new Error(`not understood: ${notification.event_type}`);
            await store(notification.resource);
        }
        order(body) {
            return body;
        }
    };
    __decorate([
        Post('wechatpay/notify'),
        __param(0, Req()),
        __param(1, Res()),
        __metadata("design:type", Function),
        __metadata("design:paramtypes", [Object, Object]),
        __metadata("design:returntype", void 0)
    ], ShopController.prototype, "notify", null);
    __decorate([
        Post('wechatpay/notify-by-hand'),
        HttpCode(204),
        __param(0, Req()),
        __metadata("design:type", Function),
        __metadata("design:paramtypes", [Object]),
        __metadata("design:returntype", Promise)
    ], ShopController.prototype, "byHand", null);
    __decorate([
        Post('orders'),
        __param(0, Body()),
        __metadata("design:type", Function),
        __metadata("design:paramtypes", [Object]),
        __metadata("design:returntype", void 0)
    ], ShopController.prototype, "order", null);
    ShopController = __decorate([
        Controller()
    ], ShopController);
    let AppModule = class AppModule {
    };
    AppModule = __decorate([
        Module({ controllers: [ShopController] })
    ], AppModule);
    return NestFactory.create(AppModule, { rawBody: true, logger: false });
}
export async function listen(created) {
    const app = await created;
    await app.listen(0, '127.0.0.1');
    return { port: app.getHttpServer().address().port, close: () => app.close() };
}
