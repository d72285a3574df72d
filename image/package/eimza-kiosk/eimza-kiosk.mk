################################################################################
#
# eimza-kiosk
#
################################################################################

EIMZA_KIOSK_VERSION = 0.1.0
# A local site is rsynced and its crates are never fetched: scripts/build-image
# exports what git tracks to this place and vendors the crates into it.
EIMZA_KIOSK_SITE = $(BASE_DIR)/eimza-kiosk
EIMZA_KIOSK_SITE_METHOD = local
EIMZA_KIOSK_LICENSE = MIT or Apache-2.0 (kioskd, kiosk-token, kiosk-appliance, kiosk-paper), GPL-3.0 (kiosk-ui)
EIMZA_KIOSK_LICENSE_FILES = \
	LICENSES/Apache-2.0.txt \
	LICENSES/GPL-3.0-only.txt \
	LICENSES/MIT.txt
EIMZA_KIOSK_DEPENDENCIES = \
	fontconfig \
	host-pkgconf \
	libinput \
	libxkbcommon \
	pcsc-lite \
	systemd

# What Cargo.toml says of a release holds here too, whatever BR2_ENABLE_LTO is.
EIMZA_KIOSK_CARGO_ENV = \
	CARGO_PROFILE_RELEASE_LTO=thin \
	PKG_CONFIG_ALLOW_CROSS=1

EIMZA_KIOSK_RELEASE_DIR = $(@D)/target/$(RUSTC_TARGET_NAME)/release

define EIMZA_KIOSK_CHECK_VENDORED
	@test -d $(@D)/vendor -a -f $(@D)/.cargo/config.toml || { \
		echo "eimza-kiosk: found no vendor/ and .cargo/config.toml in $(EIMZA_KIOSK_SITE)," \
			"expected the crates there: build with scripts/build-image" >&2; \
		exit 1; \
	}
endef
EIMZA_KIOSK_POST_RSYNC_HOOKS += EIMZA_KIOSK_CHECK_VENDORED

# $(1): package and features, $(2): program. Each program is built by itself,
# so that it links only what it may use.
define EIMZA_KIOSK_BUILD_PROGRAM
	cd $(@D) && \
	$(TARGET_MAKE_ENV) \
		$(TARGET_CONFIGURE_OPTS) \
		$(PKG_CARGO_ENV) \
		$(EIMZA_KIOSK_CARGO_ENV) \
		cargo build --offline --locked --release --no-default-features \
			$(1) --bin $(2)
endef

define EIMZA_KIOSK_BUILD_CMDS
	$(call EIMZA_KIOSK_BUILD_PROGRAM,-p eimza-kiosk --features supervisor,kioskd)
	$(call EIMZA_KIOSK_BUILD_PROGRAM,-p eimza-kiosk --features signer,kiosk-token)
	$(call EIMZA_KIOSK_BUILD_PROGRAM,-p eimza-kiosk --features appliance,kiosk-appliance)
	$(call EIMZA_KIOSK_BUILD_PROGRAM,-p kiosk-paper,kiosk-paper)
	$(call EIMZA_KIOSK_BUILD_PROGRAM,-p kiosk-ui --features linuxkms,kiosk-ui)
endef

define EIMZA_KIOSK_INSTALL_TARGET_CMDS
	$(@D)/systemd/install $(TARGET_DIR) $(EIMZA_KIOSK_RELEASE_DIR)
endef

# The numbers of systemd/sysusers: a link knows its other end by them.
define EIMZA_KIOSK_USERS
	- -1 kiosk-pcsc 810 - - - - May speak to pcscd
	- -1 kiosk-gpio 811 - - - - Has the lines of lamp, presence and tamper
	- -1 kiosk-keypad 812 - - - - Has the lines of the keypad
	kioskd 801 kioskd 801 * - - kiosk-pcsc Supervisor
	kiosk-token 802 kiosk-token 802 * - - kiosk-pcsc Signer
	kiosk-ui 803 kiosk-ui 803 * - - - Screen
	kiosk-paper 804 kiosk-paper 804 * - - - Paper
endef

$(eval $(cargo-package))
