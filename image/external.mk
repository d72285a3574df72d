include $(sort $(wildcard $(BR2_EXTERNAL_EIMZA_KIOSK_PATH)/package/*/*.mk))
