using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Graph.Execution.Ilgpu;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Graph.Tests.Gpu;

/// <summary>
/// Kernels to PTX and to OpenCL C without a device, a driver or a toolkit, with the same cures as on a device: what a device would get.
/// </summary>
internal static class OfflineCompiler
{
    private static readonly Lazy<Backend> PtxBackend = new(MakePtx);
    private static readonly Lazy<Backend> OpenClBackend = new(MakeOpenCl);

    /// <summary>The PTX that a CUDA device of compute capability 8.0 or later loads.</summary>
    public static string Ptx(MethodInfo kernel) => ((PTXCompiledKernel)Compile(PtxBackend.Value, kernel)).PTXAssembly;

    /// <summary>The OpenCL C that a device without half floats and sub-groups loads.</summary>
    public static string OpenCl(MethodInfo kernel) => ((CLCompiledKernel)Compile(OpenClBackend.Value, kernel)).Source;

    private static CompiledKernel Compile(Backend backend, MethodInfo kernel)
    {
        // Tests run at the same time; a backend compiles one kernel at a time.
        lock (backend)
        {
            var compiled = backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), KernelSpecialization.Empty);
            KernelSource.Cure(compiled);
            return compiled;
        }
    }

    private static PTXBackend MakePtx()
    {
        var context = Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2));
        var backend = new PTXBackend(context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null);
        SafeBackend.Patch(backend);
        return backend;
    }

    private static CLBackend MakeOpenCl()
    {
        var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));

        // The constructor asks a device for its capabilities; here there is none.
        var capabilities = (CLCapabilityContext)RuntimeHelpers.GetUninitializedObject(typeof(CLCapabilityContext));
        Set(capabilities, nameof(CLCapabilityContext.GenericAddressSpace), true);
        Set(capabilities, nameof(CLCapabilityContext.Float64), true);
        foreach (var field in typeof(CLCapabilityContext).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(field => field.FieldType == typeof(ImmutableArray<string>)))
        {
            field.SetValue(capabilities, ImmutableArray<string>.Empty);
        }

        var backend = new CLBackend(context, capabilities, CLDeviceVendor.Other, CLCVersion.CL30);
        SafeBackend.Patch(backend);
        return backend;
    }

    private static void Set(CLCapabilityContext capabilities, string property, bool value) =>
        typeof(CLCapabilityContext).GetProperty(property)!.GetSetMethod(nonPublic: true)!.Invoke(capabilities, [value]);
}
