@echo off
rem Starts Fathom: finds a JDK 25, builds what is missing or older than its sources, runs the command.
rem   FATHOM_JAVA_HOME   the JDK 25 to use, where the search would find none or another
rem   FATHOM_JAVA_OPTS   more options for the JVM, for example -Xmx2g
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
set "APP=%ROOT%target\app"
set "STAMP=%APP%\sources"
set "LOG=%ROOT%target\fathom-build.log"
set "JDK="

if defined FATHOM_JAVA_HOME (
  call :try "%FATHOM_JAVA_HOME%"
  if not defined JDK (
    echo fathom: FATHOM_JAVA_HOME is %FATHOM_JAVA_HOME%, and that is not a JDK 25.>&2
    echo Set it to the folder of a JDK 25, the one that holds bin\javac.exe and the file release, or unset it.>&2
    exit /b 2
  )
)
if not defined JDK if defined JAVA_HOME call :try "%JAVA_HOME%"
for %%P in ("%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Java" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft" "%LOCALAPPDATA%\Programs\Eclipse Adoptium" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps" "%USERPROFILE%\.sdkman\candidates\java") do (
  if not defined JDK if exist "%%~P\" for /d %%D in ("%%~P\*") do if not defined JDK call :try "%%~D"
)
if not defined JDK for /f "usebackq delims=" %%J in (`where javac.exe 2^>nul`) do if not defined JDK call :try "%%~dpJ.."
if not defined JDK (
  echo fathom: no JDK 25 found.>&2
  echo Fathom is compiled and run by a Java Development Kit of version 25, of any vendor. To install one:>&2
  echo   winget install EclipseAdoptium.Temurin.25.JDK>&2
  echo If you have one in an unusual place: set FATHOM_JAVA_HOME=C:\path\to\jdk-25>&2
  exit /b 2
)

set "FRESH="
if exist "%STAMP%" if exist "%APP%\lib\" for /f %%F in ('powershell -NoProfile -Command "$t=(Get-Item -LiteralPath $env:STAMP).LastWriteTimeUtc; $n=Get-ChildItem -LiteralPath $env:ROOT -Directory | ForEach-Object { Join-Path $_.FullName 'pom.xml'; Join-Path $_.FullName 'src\main' } | Where-Object { Test-Path -LiteralPath $_ } | ForEach-Object { Get-ChildItem -LiteralPath $_ -Recurse; Get-Item -LiteralPath $_ } | Where-Object { $_.LastWriteTimeUtc -gt $t } | Select-Object -First 1; if ($n) { 'stale' } else { 'fresh' }"') do if "%%F"=="fresh" set "FRESH=1"
if not defined FRESH (
  call :build || exit /b 1
)

"%JDK%\bin\java.exe" "@%ROOT%tools\java.options" -XX:MaxRAMPercentage=75 %FATHOM_JAVA_OPTS% --module-path "%APP%\lib" --module dev.fathom.cli/dev.fathom.cli.Main %*
exit /b %ERRORLEVEL%

:try
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
findstr /r /c:"^JAVA_VERSION=.25[.\"]" "%~1\release" >nul 2>nul && set "JDK=%~1"
exit /b 0

:build
echo fathom: building (once, and after a change; the first time Maven fetches its plugins)>&2
if not exist "%APP%" mkdir "%APP%"
if exist "%ROOT%cli\target\app" rmdir /s /q "%ROOT%cli\target\app"
type nul > "%STAMP%.new"
set "MAVEN=%ROOT%mvnw.cmd"
where mvn.cmd >nul 2>nul && set "MAVEN=mvn.cmd"
set "JAVA_HOME=%JDK%"
pushd "%ROOT%"
call "%MAVEN%" --batch-mode --no-transfer-progress -Dmaven.test.skip=true --projects cli --also-make package > "%LOG%" 2>&1
set "STATUS=%ERRORLEVEL%"
popd
if not "%STATUS%"=="0" (
  echo fathom: the build failed:>&2
  findstr /b "[ERROR]" "%LOG%" >&2
  echo The whole log: %LOG%>&2
  exit /b 1
)
if exist "%APP%\lib" rmdir /s /q "%APP%\lib"
xcopy /e /i /q /y "%ROOT%cli\target\app\lib" "%APP%\lib" >nul || exit /b 1
move /y "%STAMP%.new" "%STAMP%" >nul
exit /b 0
