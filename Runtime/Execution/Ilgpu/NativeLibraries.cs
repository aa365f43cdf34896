using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;

namespace Graph.Execution.Ilgpu;

/// <summary>
/// ILGPU imports "OpenCL" and "cuda", names that only development packages provide on Linux; the drivers themselves are
/// installed under their sonames (reference/ilgpu.md 8).
/// </summary>
internal static class NativeLibraries
{
    /// <summary>Once a process, before the first context.</summary>
    public static void Map() => RuntimeHelpers.RunClassConstructor(typeof(Once).TypeHandle);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        var soname = name switch
        {
            "OpenCL" when OperatingSystem.IsLinux() => "libOpenCL.so.1",
            "cuda" when OperatingSystem.IsLinux() => "libcuda.so.1",
            "cuda" when OperatingSystem.IsWindows() => "nvcuda.dll",
            _ => null,
        };
        return soname is not null && NativeLibrary.TryLoad(soname, out var handle) ? handle : 0;
    }

    private static class Once
    {
        static Once()
        {
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
        }
    }
}
