import http from './http.js';

export const { express, koa, fastify, fetchHandler, readNotification, notificationReplies, RawBodyError } = http;
