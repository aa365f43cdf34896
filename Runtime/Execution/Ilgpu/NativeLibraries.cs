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
            "OpenCL" => "libOpenCL.so.1",
            "cuda" => "libcuda.so.1",
            _ => null,
        };
        return soname is not null && OperatingSystem.IsLinux() && NativeLibrary.TryLoad(soname, out var handle) ? handle : 0;
    }

    private static class Once
    {
        static Once() => NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
    }
}
